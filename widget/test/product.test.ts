import { beforeEach, expect, it, vi } from 'vitest';
import { readProduct } from '../src/loader/product';

beforeEach(() => void vi.stubGlobal('location', { href: 'https://shop.example/p/apron' }));

const read = (...nodes: unknown[]) => readProduct(nodes.map((node) => JSON.stringify(node)));
const offer = { '@type': 'Offer', price: 48000, priceCurrency: 'KRW', availability: 'https://schema.org/InStock' };

it('reads what schema.org calls a product', () => {
  expect(read({ '@type': 'Product', name: 'Apron', sku: 'A-1', image: ['/a.png', '/b.png'], url: '/p/apron', offers: offer })).toEqual({
    id: 'A-1', name: 'Apron', price: '48000', currency: 'KRW', image: 'https://shop.example/a.png', url: 'https://shop.example/p/apron', in_stock: true,
  });
});

it('finds it in lists, graphs and pages about it, and among other things', () => {
  const product = { '@type': ['Product', 'Thing'], name: 'Apron', offers: [{ ...offer, availability: 'SoldOut' }] };
  for (const node of [[{ '@type': 'Organization' }, product], { '@graph': [product] }, { '@type': 'WebPage', mainEntity: product }]) {
    expect(read({ '@type': 'BreadcrumbList' }, node)).toMatchObject({ name: 'Apron', in_stock: false, image: null, url: 'https://shop.example/p/apron' });
  }
});

it('is silent about what is not there or not readable', () => {
  expect(readProduct([])).toBe(undefined);
  expect(readProduct(['{', 'null', '[]', '{"@type":"Product"}', '{"@type":"Product","name":"x","url":"http://["}'])).toBe(undefined);
  expect(read({ '@type': 'Product', name: 'Apron' })).toMatchObject({ price: null, currency: null, in_stock: null, id: null });
  expect(read({ '@type': 'Product', name: 'x'.repeat(999) })!.name).toHaveLength(200);
});
