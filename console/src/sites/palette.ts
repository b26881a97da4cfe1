/** What the chat makes of a shop's colour: the same steps as the panel takes (widget/src/panel/theme.ts), for the picture of it. Pure. */
type Rgb = [number, number, number];

const LIGHT: Rgb = [255, 255, 255];
const DARK: Rgb = [21, 25, 30];
const SUNKEN_LIGHT: Rgb = [238, 241, 244];
const SUNKEN_DARK: Rgb = [34, 40, 45];
const INK_LIGHT: Rgb = [26, 33, 41];
const INK_DARK: Rgb = [234, 237, 241];

const rgbOf = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Rgb;
const cssOf = (color: Rgb): string => `rgb(${color.join(" ")})`;

function luminance(color: Rgb): number {
  const [r, g, b] = color.map((c) => (c <= 10 ? c / 3294 : ((c / 255 + 0.055) / 1.055) ** 2.4)) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return x > y ? x / y : y / x;
}

const mix = (a: Rgb, b: Rgb, share: number): Rgb => a.map((c, i) => Math.round(c * share + (b[i] ?? 0) * (1 - share))) as Rgb;

function legible(color: Rgb, backgrounds: Rgb[], to: Rgb, ratio: number): Rgb {
  for (let share = 1; share > 0; share -= 0.05) {
    const candidate = mix(color, to, share);
    if (backgrounds.every((background) => contrast(candidate, background) >= ratio)) return candidate;
  }
  return to;
}

function tint(brand: Rgb, surface: Rgb, ink: Rgb, most: number): Rgb {
  for (let share = most; share > 0; share -= 0.02) {
    const candidate = mix(brand, surface, share);
    if (contrast(candidate, ink) >= 7) return candidate;
  }
  return surface;
}

/** White or black, whichever can be read on the colour. */
export function textOn(hex: string): "#fff" | "#000" {
  const light = [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => sum + weight * (Number.parseInt(hex.slice(i * 2 + 1, i * 2 + 3), 16) / 255) ** 2.2, 0);
  return light < 0.179 ? "#fff" : "#000";
}

export function palette(hex: string, dark: boolean): { tint: string; accent: string } {
  const brand = rgbOf(hex);
  const [surface, sunken, ink] = dark ? [DARK, SUNKEN_DARK, INK_DARK] : [LIGHT, SUNKEN_LIGHT, INK_LIGHT];
  const bubble = tint(brand, surface, ink, dark ? 0.45 : 0.16);
  return { tint: cssOf(bubble), accent: cssOf(legible(brand, [surface, sunken, bubble], dark ? LIGHT : INK_LIGHT, 4.5)) };
}
