/** A shop's colour and whether white text on it can be read. Pure; contrast after WCAG 2.2. */
const HEX = /^#[0-9a-f]{6}$/i;
export const isColor = (text: string): boolean => HEX.test(text);
const AA = 4.5;

type Rgb = [number, number, number];
const rgbOf = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Rgb;
const hexOf = (rgb: Rgb): string => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export const contrastWithWhite = (hex: string): number => 1.05 / (luminance(rgbOf(hex)) + 0.05);

/** The colour itself, or a darker one of the same hue on which white passes AA. */
export function readable(hex: string): string {
  let rgb = rgbOf(hex);
  while (contrastWithWhite(hexOf(rgb)) < AA) rgb = rgb.map((part) => part * 0.97) as Rgb;
  return hexOf(rgb);
}
