// The schema.org Product that a shop's page says it is about: what an operator sees beside the conversation.

import type { Product } from '../shared/wire';

// What a stranger wrote: anything may be missing, or be one or a list of it.
type Node = Record<string, never> | undefined;

const first = (value: unknown): Node => [value].flat()[0] as Node;
const cut = (value: unknown, most: number): string | null => (value == null ? null : ('' + value).slice(0, most));
const address = (value: unknown): string | null => {
  const { href } = new URL(value as string, location.href);
  return /^http.{1,2040}$/.test(href) ? href : null;
};

const find = (node: Node): Node =>
  Array.isArray(node)
    ? node.map(find).find(Boolean)
    : node && ([node['@type']].flat().includes('Product' as never) ? node : find(node['@graph'] || node.mainEntity));

/** What the page's JSON-LD says of its product; nothing where it says nothing or cannot be read. */
export function readProduct(texts: string[]): Product | undefined {
  for (const text of texts) {
    try {
      const { name, sku, productID, offers, image, url } = find(JSON.parse(text))!;
      const offer = first(offers) || ({} as never);
      const picture = first(image);
      return {
        id: cut(sku || productID, 100),
        name: cut(name, 200)!,
        price: cut(offer!.price ?? offer!.lowPrice, 40),
        currency: cut(offer!.priceCurrency, 3),
        image: picture ? address(picture.url || picture) : null,
        url: address(url || offer!.url || '')!,
        in_stock: offer!.availability ? /InSt|Limited|Online|Pre|Back/.test(offer!.availability) : null,
      };
    } catch {
      // Not JSON, or no product: the next one.
    }
  }
  return undefined;
}
