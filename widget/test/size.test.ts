import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const dist = new URL('../dist/', import.meta.url);
const size = (path: string): number => gzipSync(readFileSync(new URL(path, dist)), { level: 9 }).length;

// Every shop page pays for the first, everybody who chats for the second.
describe.skipIf(!existsSync(new URL('w.js', dist)))('the built files', () => {
  it('keep the loader within 5 KB', () => {
    expect(size('w.js')).toBeLessThanOrEqual(5 * 1024);
  });

  it('keep the panel within 40 KB', () => {
    const assets = readdirSync(new URL('panel/assets/', dist));
    expect(assets.reduce((sum, name) => sum + size('panel/assets/' + name), 0)).toBeLessThanOrEqual(40 * 1024);
  });

  it('have nothing inline in the panel’s page', () => {
    const page = readFileSync(new URL('panel/index.html', dist), 'utf8');
    expect(page).not.toMatch(/<style|<script(?![^>]*\ssrc=)|\son\w+=|style=/);
  });

  it('never write markup', () => {
    const loader = readFileSync(new URL('w.js', dist), 'utf8');
    expect(loader).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
  });
});
