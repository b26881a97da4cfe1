import { describe, expect, it } from 'vitest';
import { textOn } from '../src/shared/color';
import { brandOf, contrast, palette, parseColor, type Rgb } from '../src/panel/theme';

const steps = ['00', '11', '33', '55', '66', '77', '80', '88', '99', 'aa', 'bb', 'cc', 'ee', 'ff'];
const colors = steps.flatMap((r) => steps.flatMap((g) => steps.map((b) => '#' + r + g + b)));
const greys = Array.from({ length: 256 }, (_, i) => '#' + i.toString(16).padStart(2, '0').repeat(3));

describe('the colour guard', () => {
  it('writes legibly on every colour', () => {
    const bad = [...colors, ...greys].filter((color) => contrast(parseColor(color), parseColor(textOn(color) === '#fff' ? '#ffffff' : '#000000')) < 4.5);
    expect(bad).toEqual([]);
  });

  it('keeps message text at AAA on the tint and links at AA on tint and surface', () => {
    const [light, dark]: [Rgb, Rgb] = [[22, 32, 38], [236, 241, 244]];
    const bad = colors.filter((color) => {
      const p = palette(color);
      return (
        contrast(p['tint-light'], light) < 7 || contrast(p['tint-dark'], dark) < 7 ||
        contrast(p['accent-light'], p['tint-light']) < 4.5 || contrast(p['accent-light'], [255, 255, 255]) < 4.5 ||
        contrast(p['accent-light'], [242, 245, 246]) < 4.5 ||
        contrast(p['accent-dark'], p['tint-dark']) < 4.5 || contrast(p['accent-dark'], [23, 28, 32]) < 4.5 || contrast(p['accent-dark'], [35, 42, 47]) < 4.5
      );
    });
    expect(bad).toEqual([]);
  });

  it('takes our own colour for what is none', () => {
    for (const text of [null, '', 'red', '#12', 'url(x)', '#12345g']) expect(brandOf(text)).toBe('#0f7285');
  });
});
