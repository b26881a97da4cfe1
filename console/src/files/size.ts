/** A file's size in words: "840 KB", "3.2 MB". Pure. */
export function sizeText(bytes: number, language: string): string {
  const [amount, unit] = bytes < 1000 ? [bytes, "byte"] : bytes < 1_000_000 ? [bytes / 1000, "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: amount < 10 && unit !== "byte" ? 1 : 0 }).format(amount);
}
