/** A shop's colour and how well it stands out. Pure; contrast after WCAG 2.2. */
const HEX = /^#[0-9a-f]{6}$/i;
export const isColor = (text: string): boolean => HEX.test(text);

/** "fff", "#FFF" and "0F7285" as people paste them; anything else as it is. */
export function cleanColor(text: string): string {
  const bare = text.trim().replace(/^#/, "").toLowerCase();
  if (/^[0-9a-f]{3}$/.test(bare)) return `#${[...bare].map((digit) => digit + digit).join("")}`;
  return /^[0-9a-f]{6}$/.test(bare) ? `#${bare}` : text.trim();
}

/** What a button needs to be seen as one on the page behind it (WCAG 1.4.11). */
const SEEN = 3;

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
export const contrastWithBlack = (hex: string): number => (luminance(rgbOf(hex)) + 0.05) / 0.05;

/** The colour itself, or the nearest darker one of the same hue that stands out on a white page. */
export function standingOut(hex: string): string {
  let rgb = rgbOf(hex);
  while (contrastWithWhite(hexOf(rgb)) < SEEN) rgb = rgb.map((part) => part * 0.97) as Rgb;
  return hexOf(rgb);
}
