// The shop's colour as custom properties, corrected until everything written in it or on it is legible (WCAG 2.2 contrast).

import { brandOf, parseColor, textOn, type Rgb } from '../shared/color';

const LIGHT: Rgb = [255, 255, 255];
const DARK: Rgb = [23, 28, 32];
const INK_LIGHT: Rgb = [22, 32, 38];
const INK_DARK: Rgb = [236, 241, 244];

function luminance(color: Rgb): number {
  const [r, g, b] = color.map((c) => (c <= 10 ? c / 3294 : ((c / 255 + 0.055) / 1.055) ** 2.4)) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return x > y ? x / y : y / x;
}

export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return a.map((c, i) => Math.round(c * share + b[i]! * (1 - share))) as Rgb;
}

/** Moves the colour towards `to` until it stands `ratio` to 1 against the background. */
export function legible(color: Rgb, background: Rgb, to: Rgb, ratio: number): Rgb {
  for (let share = 1; share > 0; share -= 0.05) {
    const candidate = mix(color, to, share);
    if (contrast(candidate, background) >= ratio) return candidate;
  }
  return to;
}

/** The tint of the visitor's bubbles: as much of the brand as leaves message text at AAA. */
export function tint(brand: Rgb, surface: Rgb, ink: Rgb, most: number): Rgb {
  for (let share = most; share > 0; share -= 0.02) {
    const candidate = mix(brand, surface, share);
    if (contrast(candidate, ink) >= 7) return candidate;
  }
  return surface;
}

export function palette(color: string | null): Record<'tint-light' | 'tint-dark' | 'accent-light' | 'accent-dark', Rgb> {
  const brand = parseColor(brandOf(color));
  const tintLight = tint(brand, LIGHT, INK_LIGHT, 0.16);
  const tintDark = tint(brand, DARK, INK_DARK, 0.45);
  return {
    'tint-light': tintLight,
    'tint-dark': tintDark,
    // Legible on the surface and on the tint alike, since links stand in both.
    'accent-light': legible(brand, tintLight, INK_LIGHT, 4.5),
    'accent-dark': legible(brand, tintDark, LIGHT, 4.5),
  };
}

export function applyTheme(color: string | null): void {
  const { style } = document.documentElement;
  const brand = brandOf(color);
  style.setProperty('--brand', brand);
  style.setProperty('--on-brand', textOn(brand));
  for (const [name, value] of Object.entries(palette(color))) style.setProperty('--' + name, `rgb(${value.join(' ')})`);
}
