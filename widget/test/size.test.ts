import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const dist = new URL('../dist/', import.meta.url);
const size = (path: string): number => gzipSync(readFileSync(new URL(path, dist)), { level: 9 }).length;

const assets = (): string[] => readdirSync(new URL('panel/assets/', dist)).map((name) => 'panel/assets/' + name);
/** What is fetched only when it is wanted, beside the panel. */
const LAZY = /\/(Emoji|Extras)-|(offer|crowd)\.js/;
/** A frame of its own, on pages that have a place for it. */
const COMMUNITY = /\/community-/;

// Every shop page pays for the first; who hovers or chats for the second, once.
describe.skipIf(!existsSync(new URL('w.js', dist)))('the built files', () => {
  it('keep the loader within 5 KB', () => {
    expect(size('w.js')).toBeLessThanOrEqual(5 * 1024);
  });

  it('keep the panel on first need within 40 KB, the loader’s second part included', () => {
    const first = assets().filter((name) => !LAZY.test(name) && !COMMUNITY.test(name));
    expect(first.map((name) => name.replace(/-.*/, '')).sort()).toEqual(['panel/assets/index', 'panel/assets/more.js', 'panel/assets/style']);
    expect(first.reduce((sum, name) => sum + size(name), 0)).toBeLessThanOrEqual(40 * 1024);
  });

  it('keep what is wanted rarely within 6 KB each, and out of the first need', () => {
    const lazy = assets().filter((name) => LAZY.test(name));
    expect(lazy).toHaveLength(4);
    for (const name of lazy) expect(size(name), name).toBeLessThanOrEqual(6 * 1024);
  });

  it('keep a community within 20 KB', () => {
    const community = assets().filter((name) => COMMUNITY.test(name));
    expect(community).toHaveLength(2);
    expect(community.reduce((sum, name) => sum + size(name), 0)).toBeLessThanOrEqual(20 * 1024);
  });

  it('name the second part by its content, so that caches never serve an old one', () => {
    const hash = createHash('sha256').update(readFileSync(new URL('panel/assets/more.js', dist))).digest('hex').slice(0, 10);
    expect(readFileSync(new URL('w.js', dist), 'utf8')).toContain('more.js?' + hash);
  });

  it('have nothing inline in the panel’s page', () => {
    for (const name of ['index', 'community'])
      expect(readFileSync(new URL(`panel/${name}.html`, dist), 'utf8')).not.toMatch(/<style|<script(?![^>]*\ssrc=)|\son\w+=|style=/);
  });

  it('know left and right by the direction, never by a guess from the language', () => {
    for (const name of assets().filter((one) => one.endsWith('.css'))) expect(readFileSync(new URL(name, dist), 'utf8'), name).not.toMatch(/:lang\((ar|he)\)/);
  });

  it('never write markup', () => {
    for (const name of ['w.js', ...assets().filter((one) => one.endsWith('.js') && !/\/(index|community)-/.test(one))])
      expect(readFileSync(new URL(name, dist), 'utf8'), name).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
  });
});
