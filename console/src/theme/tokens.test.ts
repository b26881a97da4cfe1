import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Rgb = [number, number, number];
const css = readFileSync(new URL("tokens.css", import.meta.url), "utf8");

/** Linear sRGB of an `oklch(L C H)`, clipped to the gamut. */
function linear(l: number, c: number, h: number): Rgb {
  const [a, b] = [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)];
  const [L, M, S] = [l + 0.3963377774 * a + 0.2158037573 * b, l - 0.1055613458 * a - 0.0638541728 * b, l - 0.0894841775 * a - 1.291485548 * b].map((one) => one ** 3) as Rgb;
  return [4.0767416621 * L - 3.3077115913 * M + 0.2309699292 * S, -1.2684380046 * L + 2.6097574011 * M - 0.3413193965 * S, -0.0041960863 * L - 0.7034186147 * M + 1.707614701 * S]
    .map((one) => Math.min(1, Math.max(0, one))) as Rgb;
}

function colors(name: string): [Rgb, Rgb] {
  const value = new RegExp(`--${name}: ([^;]+);`).exec(css)?.[1] ?? "";
  const found = [...value.matchAll(/oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g)].map((match) => linear(Number(match[1]), Number(match[2]), Number(match[3])));
  const [light, dark = light] = found;
  if (!light || !dark) throw new Error(`no colour --${name}`);
  return [light, dark];
}

const luminance = ([r, g, b]: Rgb): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;
function contrast(text: string, ground: string): [number, number] {
  return [0, 1].map((scheme) => {
    const [one, other] = [luminance(colors(text)[scheme] as Rgb), luminance(colors(ground)[scheme] as Rgb)];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  }) as [number, number];
}

const AA: [string, string][] = [
  ...["surface", "surface-sunken", "surface-raised", "canvas", "hover", "brand-soft"].flatMap((ground): [string, string][] => [["text-secondary", ground], ["text-muted", ground], ["brand", ground]]),
  ["text-on-fill", "brand-fill"], ["text-on-fill", "brand-fill-hover"], ["text-on-fill", "danger-fill"], ["brand", "brand-soft-hover"],
  ["urgent", "urgent-soft"], ["danger", "danger-soft"], ["danger", "surface"], ["good", "surface"], ["good", "surface-sunken"], ["paper-muted", "paper"], ["paper-text", "paper-border"], ["paper", "paper-muted"],
];
const AAA: [string, string][] = [["own-text", "own"], ["theirs-text", "theirs"], ["paper-text", "paper"], ["text", "surface"]];

test("text passes AA in both schemes", () => {
  expect(AA.filter(([text, ground]) => Math.min(...contrast(text, ground)) < 4.5).map(([text, ground]) => [text, ground, contrast(text, ground).map((one) => one.toFixed(2))])).toEqual([]);
});

test("the text of messages passes AAA", () => {
  expect(AAA.filter(([text, ground]) => Math.min(...contrast(text, ground)) < 7)).toEqual([]);
});
