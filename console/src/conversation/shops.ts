/** Which pictures of products may be shown: those of the shop's own domains, as the page's policy has it (backend/src/pages/console.rs). Pure. */

const MOST = 60;

/** `domains` as sites name them: a host, with `*.` in front for those below it, with a port where it matters. */
export function isOfShop(url: string, domains: readonly string[]): boolean {
  const { protocol, host, hostname } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") return false;
  const named = [...new Set(domains)].sort().slice(0, MOST);
  // As a policy reads it: without a port only the usual one is meant.
  return named.some((domain) => (domain.startsWith("*.") ? hostname.endsWith(domain.slice(1)) && host === hostname : domain === host));
}
