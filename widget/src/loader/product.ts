// The schema.org Product that a shop's page says it is about: what an operator sees beside the conversation.

import type { Product } from '../shared/wire';

// What a stranger wrote: anything may be missing, or be one or a list of it. The server cuts and checks what it keeps.
type Node = Record<string, never> | undefined;

const first = (value: unknown): Node => [value].flat()[0] as Node;
const text = (value: unknown): string | null => (value == null ? null : ('' + value).slice(0, 200));
const address = (value: unknown): string => new URL(value as string, location.href).href;

const find = (node: Node): Node =>
  Array.isArray(node)
    ? node.map(find).find(Boolean)
    : node && ([node['@type']].flat().includes('Product' as never) ? node : find(node['@graph'] || node.mainEntity));

/** What the page's JSON-LD says of its product; nothing where it says nothing or cannot be read. */
export function readProduct(texts: string[]): Product | undefined {
  for (const one of texts) {
    try {
      const { name, sku, productID, offers, image, url } = find(JSON.parse(one))!;
      const offer = first(offers) || ({} as never);
      const picture = first(image);
      if (name)
        return {
          id: text(sku || productID),
          name: text(name)!,
          price: text(offer!.price ?? offer!.lowPrice),
          currency: text(offer!.priceCurrency),
          image: picture ? address(picture.url || picture) : null,
          url: address(url || offer!.url || ''),
          in_stock: offer!.availability ? !/Out|Disc/.test(offer!.availability) : null,
        };
    } catch {
      // Not JSON, or no product: the next one.
    }
  }
  return undefined;
}
