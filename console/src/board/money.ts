/** An amount in the reader's form; what no currency is called stays beside its number. */
export function money(value: number, currency: string, language: string): string {
  // The code for no currency: what was counted before currencies were told apart.
  if (currency === "XXX") return value.toLocaleString(language);
  try {
    return new Intl.NumberFormat(language, { style: "currency", currency, ...(Number.isInteger(value) ? { minimumFractionDigits: 0, maximumFractionDigits: 0 } : {}) }).format(value);
  } catch {
    return `${value.toLocaleString(language)} ${currency}`;
  }
}
