/** What people paste into a field for domains, down to the host (and port, for a shop under development). Pure. */
export function cleanDomain(text: string): string {
  return text.trim().toLowerCase().replace(/^[a-z]+:\/\//, "").replace(/[/?#].*$/, "");
}
