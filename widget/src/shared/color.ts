// The shop's colour, made legible (WCAG 2.2 contrast). Pure.

export type Rgb = [number, number, number];

export const DEFAULT_BRAND = '#0f7285';
const INK: Rgb = [16, 24, 28];
const WHITE: Rgb = [255, 255, 255];

/** `#rgb` or `#rrggbb`; anything else becomes our own teal. */
export function parseColor(text: string | null | undefined): Rgb {
  const found = /^#([\da-f]{3}|[\da-f]{6})$/i.exec(text || '');
  if (!found) return parseColor(DEFAULT_BRAND);
  const hex = found[1]!.length < 6 ? found[1]!.replace(/./g, '$&$&') : found[1]!;
  return [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16)) as Rgb;
}

function luminance(color: Rgb): number {
  const [r, g, b] = color.map((c) => (c <= 10 ? c / 3294 : ((c / 255 + 0.055) / 1.055) ** 2.4)) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return x > y ? x / y : y / x;
}

/** White where it is legible on the colour, else ink: one of the two always passes AA. */
export function textOn(background: Rgb): Rgb {
  return contrast(WHITE, background) >= 4.5 ? WHITE : INK;
}

export function css(color: Rgb): string {
  return `rgb(${color.map(Math.round).join(' ')})`;
}
