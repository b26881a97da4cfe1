import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pickLanguage, translator } from '../src/panel/i18n';
import { en } from '../src/panel/i18n/en';
import { ko } from '../src/panel/i18n/ko';
import { linkify } from '../src/panel/linkify';
import { FILE_REASONS } from '../src/panel/ui/Bubble';

const keys = Object.keys(en) as (keyof typeof en)[];
const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe('the texts', () => {
  it('are complete in every language, with the same placeholders', () => {
    expect(Object.keys(ko).sort()).toEqual([...keys].sort());
    for (const key of keys) {
      expect(ko[key].trim(), key).not.toBe('');
      expect(placeholders(ko[key]), key).toEqual(placeholders(en[key]));
    }
  });

  it('are all in use, and shout nowhere', () => {
    const folder = new URL('../src/panel/', import.meta.url);
    const source = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path) && !path.includes('i18n')).map((path) => readFileSync(new URL(path, folder), 'utf8')).join();
    const states = ['sending', 'stored', 'delivered', 'read', 'failed', 'resolved', 'reopened'];
    expect(keys.filter((key) => !states.includes(key) && !source.includes(`'${key}'`))).toEqual([]);
    for (const key of keys) expect(en[key] + ko[key]).not.toContain('!');
  });

  it('have words for every reason for which the server takes no file', () => {
    const reasons = readFileSync(new URL('../../backend/src/error.rs', import.meta.url), 'utf8').match(/pub enum Reason \{([^}]*)\}/)![1]!;
    const names = [...reasons.matchAll(/^ {4}(\w+),/gm)].map((found) => found[1]!.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase());
    expect(names).toContain('too_many_pixels');
    // These two are said with a number, and as what did not get through; the last ones are of crowds.
    const ofCrowds = ['crowd_frozen', 'crowd_muted', 'slow_mode', 'identified_only', 'name_missing'];
    expect(names.filter((name) => !FILE_REASONS[name] && !ofCrowds.includes(name))).toEqual(['file_too_large', 'file_cut']);
  });

  it('are in the language that the welcome names, and before it in the browser’s', () => {
    expect(pickLanguage('ko', 'en-US')).toBe('ko');
    expect(pickLanguage(null, 'ko-KR', 'en')).toBe('ko');
    expect(pickLanguage(null, 'de', 'fr')).toBe('en');
    expect(translator('en')('assigned', { name: 'Mina' })).toBe('Mina joined the conversation');
  });
});

describe('links', () => {
  const links = (text: string) => linkify(text).filter((piece) => piece.href).map((piece) => piece.text);

  it('are http and https only', () => {
    expect(links('see https://a.example/x and http://b.example')).toEqual(['https://a.example/x', 'http://b.example']);
    expect(links('javascript:alert(1) data:text/html,x ftp://c.example file:///etc')).toEqual([]);
  });

  it('leave the punctuation of the sentence alone', () => {
    expect(links('(https://a.example/x).')).toEqual(['https://a.example/x']);
    expect(links('https://a.example/w_(y)')).toEqual(['https://a.example/w_(y)']);
    expect(links('https://a.example?')).toEqual(['https://a.example']);
  });

  it('lose nothing of the text', () => {
    for (const text of ['', 'plain', 'https://a.example', '<b>https://a.example</b> & more', 'https:// broken https://a.example, end']) {
      expect(linkify(text).map((piece) => piece.text).join('')).toBe(text);
    }
  });
});
