/** An amount in the reader's form; what no currency is called stays beside its number. */
export function money(value: number, currency: string, language: string): string {
  try {
    return new Intl.NumberFormat(language, { style: "currency", currency, minimumFractionDigits: 0, maximumFractionDigits: Number.isInteger(value) ? 0 : 2 }).format(value);
  } catch {
    return `${value.toLocaleString(language)} ${currency}`;
  }
}
