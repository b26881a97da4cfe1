// The shop's colour and what can be read on it. Pure.

export const DEFAULT_BRAND = '#0f7285';

/**
 * White or black, whichever passes AA on `#rrggbb`. The two ranges overlap only between the luminances 0.175 and 0.183; the
 * plain power of 2.2 is near enough to sRGB's curve to meet that, which a test walks through.
 */
export function textOn(hex: string): '#fff' | '#000' {
  const light = [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => sum + weight * (parseInt(hex.slice(i * 2 + 1, i * 2 + 3), 16) / 255) ** 2.2, 0);
  return light < 0.179 ? '#fff' : '#000';
}
