import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => vi.unstubAllGlobals());

it('cuts what a page says about itself to what the server takes', async () => {
  vi.stubGlobal('location', { href: 'https://a.example/?' + 'x'.repeat(3000) });
  vi.stubGlobal('document', { querySelectorAll: () => [], title: '😀'.repeat(400), referrer: 'https://b.example/?' + 'y'.repeat(3000) });
  const { currentPage } = await import('../src/loader/pages');
  const { url, title, referrer } = currentPage();
  expect(url).toHaveLength(2048);
  expect(referrer).toHaveLength(2048);
  expect(title).toBe('😀'.repeat(300));
});
