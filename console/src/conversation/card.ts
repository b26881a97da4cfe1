/** Makes a card of the product that a visitor looks at. Pure. */
import type { Card, Product } from "../api/types";
import { safe } from "./links";

const BUTTON = { ko: "상품 보기", en: "View product" };

/** `language` is the visitor's: the card is read by them. */
export function cardOf(product: Product, language: string): Card | null {
  const url = safe(product.url);
  if (url === null || product.name.trim() === "") return null;
  const button = language.toLowerCase().startsWith("ko") ? BUTTON.ko : BUTTON.en;
  return {
    title: product.name, text: null, image_url: product.image === null ? null : safe(product.image), url, price: priceText(product, language), buttons: [{ label: button, url }],
  };
}

export function priceText({ price, currency }: Pick<Product, "price" | "currency">, language: string): string | null {
  if (price === null || price === "") return null;
  const amount = Number(price.replaceAll(",", ""));
  if (!Number.isFinite(amount) || currency === null || !/^[A-Z]{3}$/.test(currency)) return [price, currency].filter(Boolean).join(" ");
  try {
    return new Intl.NumberFormat(language, { style: "currency", currency }).format(amount);
  } catch {
    return `${price} ${currency}`;
  }
}
