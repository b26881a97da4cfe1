/** A file's size in words: "840 kB", "3.2 MB", counted as the limit in the site's settings is. Pure. */
export function sizeText(bytes: number, language: string): string {
  const [amount, unit] = bytes < 1024 ? [bytes, "byte"] : bytes < 1024 ** 2 ? [bytes / 1024, "kilobyte"] : [bytes / 1024 ** 2, "megabyte"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: amount < 10 && unit !== "byte" ? 1 : 0 }).format(amount);
}
