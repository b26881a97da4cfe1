// The shop's colour as custom properties, corrected until everything written in it or on it is legible (WCAG 2.2 contrast).

import { DEFAULT_BRAND, textOn } from '../shared/color';

export type Rgb = [number, number, number];

// `--surface`, the other side's bubbles (`--sunken`) and `--ink` of styles/base.css.
export const LIGHT: Rgb = [255, 255, 255];
export const DARK: Rgb = [21, 25, 30];
export const SUNKEN_LIGHT: Rgb = [238, 241, 244];
export const SUNKEN_DARK: Rgb = [34, 40, 45];
export const INK_LIGHT: Rgb = [26, 33, 41];
export const INK_DARK: Rgb = [234, 237, 241];

/** `#rrggbb`, or our own teal for anything else. */
export function brandOf(text: string | null | undefined): string {
  return /^#[\da-f]{6}$/i.test(text ?? '') ? text! : DEFAULT_BRAND;
}

export function parseColor(hex: string): Rgb {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)) as Rgb;
}

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

/** Moves the colour towards `to` until it stands `ratio` to 1 against every background. */
export function legible(color: Rgb, backgrounds: Rgb[], to: Rgb, ratio: number): Rgb {
  for (let share = 1; share > 0; share -= 0.05) {
    const candidate = mix(color, to, share);
    if (backgrounds.every((background) => contrast(candidate, background) >= ratio)) return candidate;
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

/** A brand that is hardly told from the surface makes no button. */
const STANDS_OUT = 1.25;

export function palette(color: string | null): Record<'tint-light' | 'tint-dark' | 'accent-light' | 'accent-dark' | 'fill-light' | 'fill-dark', Rgb> {
  const brand = parseColor(brandOf(color));
  const tintLight = tint(brand, LIGHT, INK_LIGHT, 0.16);
  const tintDark = tint(brand, DARK, INK_DARK, 0.45);
  // Links stand in the bubbles of both sides, buttons and ticks on the surface.
  const accentLight = legible(brand, [LIGHT, SUNKEN_LIGHT, tintLight], INK_LIGHT, 4.5);
  const accentDark = legible(brand, [DARK, SUNKEN_DARK, tintDark], LIGHT, 4.5);
  return {
    'tint-light': tintLight,
    'tint-dark': tintDark,
    'accent-light': accentLight,
    'accent-dark': accentDark,
    'fill-light': contrast(brand, LIGHT) < STANDS_OUT ? accentLight : brand,
    'fill-dark': contrast(brand, DARK) < STANDS_OUT ? accentDark : brand,
  };
}

/** The shop's wish, else the reader's system. */
export function isDark(theme: 'auto' | 'light' | 'dark' | undefined, systemDark: boolean): boolean {
  return theme === 'dark' || (theme !== 'light' && systemDark);
}

export function applyTheme(color: string | null, dark: boolean): void {
  const { style, dataset } = document.documentElement;
  dataset.theme = dark ? 'dark' : 'light';
  for (const [name, value] of Object.entries(palette(color))) {
    style.setProperty('--' + name, `rgb(${value.join(' ')})`);
    if (name.startsWith('fill')) style.setProperty('--on-' + name, textOn('#' + value.map((part) => part.toString(16).padStart(2, '0')).join('')));
  }
}
