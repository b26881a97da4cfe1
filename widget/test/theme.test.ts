import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { textOn } from '../src/shared/color';
import { brandOf, contrast, DARK, INK_DARK, INK_LIGHT, LIGHT, palette, parseColor, SUNKEN_DARK, SUNKEN_LIGHT, type Rgb } from '../src/panel/theme';

const steps = ['00', '11', '33', '55', '66', '77', '80', '88', '99', 'aa', 'bb', 'cc', 'ee', 'ff'];
const colors = steps.flatMap((r) => steps.flatMap((g) => steps.map((b) => '#' + r + g + b)));
const greys = Array.from({ length: 256 }, (_, i) => '#' + i.toString(16).padStart(2, '0').repeat(3));

describe('the colour guard', () => {
  it('writes legibly on every colour', () => {
    const bad = [...colors, ...greys].filter((color) => contrast(parseColor(color), parseColor(textOn(color) === '#fff' ? '#ffffff' : '#000000')) < 4.5);
    expect(bad).toEqual([]);
  });

  it('keeps message text at AAA on the tint and links at AA on tint and surface', () => {
    const bad = colors.filter((color) => {
      const p = palette(color);
      return (
        contrast(p['tint-light'], INK_LIGHT) < 7 || contrast(p['tint-dark'], INK_DARK) < 7 ||
        contrast(p['accent-light'], p['tint-light']) < 4.5 || contrast(p['accent-light'], LIGHT) < 4.5 ||
        contrast(p['accent-light'], SUNKEN_LIGHT) < 4.5 ||
        contrast(p['accent-dark'], p['tint-dark']) < 4.5 || contrast(p['accent-dark'], DARK) < 4.5 || contrast(p['accent-dark'], SUNKEN_DARK) < 4.5
      );
    });
    expect(bad).toEqual([]);
  });

  it('takes our own colour for what is none', () => {
    for (const text of [null, '', 'red', '#12', 'url(x)', '#12345g']) expect(brandOf(text)).toBe('#0f7285');
  });
});

describe('the colours', () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
  const tokens = read('../../console/src/theme/tokens.css');
  const [light = '', dark = ''] = read('../src/panel/styles/base.css').split(":root[data-theme='dark']");

  /** `oklch(L C H)` as browsers draw it, in sRGB. */
  function drawn(l: number, c: number, h: number): Rgb {
    const [a, b] = [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)];
    const [L, M, S] = [l + 0.3963377774 * a + 0.2158037573 * b, l - 0.1055613458 * a - 0.0638541728 * b, l - 0.0894841775 * a - 1.291485548 * b].map((one) => one ** 3) as Rgb;
    const linear = [4.0767416621 * L - 3.3077115913 * M + 0.2309699292 * S, -1.2684380046 * L + 2.6097574011 * M - 0.3413193965 * S, -0.0041960863 * L - 0.7034186147 * M + 1.707614701 * S];
    return linear.map((one) => Math.min(1, Math.max(0, one))).map((one) => Math.round(255 * (one <= 0.0031308 ? 12.92 * one : 1.055 * one ** (1 / 2.4) - 0.055))) as Rgb;
  }
  const token = (name: string): Rgb[] =>
    [...(new RegExp(`--${name}: ([^;]+);`).exec(tokens)?.[1] ?? '').matchAll(/oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g)].map(([, l, c, h]) => drawn(Number(l), Number(c), Number(h)));
  const held = (sheet: string, name: string): Rgb => parseColor(new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(sheet)?.[1] ?? '');

  it('are those of the console', () => {
    const same = { surface: 'surface', sunken: 'theirs', line: 'border', ink: 'text', quiet: 'text-secondary', good: 'good', 'warn-surface': 'paper', 'warn-ink': 'paper-text', danger: 'danger', raised: 'surface-raised' };
    for (const [here, there] of Object.entries(same)) expect([held(light, here), held(dark, here)], here).toEqual(token(there));
    expect([LIGHT, DARK, SUNKEN_LIGHT, SUNKEN_DARK, INK_LIGHT, INK_DARK]).toEqual([...token('surface'), ...token('theirs'), ...token('text')]);
  });
});
