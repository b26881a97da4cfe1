// The shop's colour and what can be read on it. Pure.

export type Rgb = [number, number, number];

export const DEFAULT_BRAND = '#0f7285';

/** `#rrggbb`, or our own teal for anything else. */
export function brandOf(text: string | null | undefined): string {
  return /^#[\da-f]{6}$/i.test(text || '') ? text! : DEFAULT_BRAND;
}

export function parseColor(hex: string): Rgb {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)) as Rgb;
}

/**
 * White or black, whichever passes AA on the colour. The two ranges overlap only between the luminances 0.175 and 0.183; the
 * plain power of 2.2 is near enough to sRGB's curve to meet that, which a test walks through.
 */
export function textOn(hex: string): '#fff' | '#000' {
  const [r, g, b] = parseColor(hex).map((c) => (c / 255) ** 2.2) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 0.179 ? '#fff' : '#000';
}
