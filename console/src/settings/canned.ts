/** Canned responses as they are written: what a shortcut may be, and how the text will read. Pure. */
import type { CannedResponse } from "../api/admin";

export const VARIABLES = ["visitor.name", "operator.name", "site.name", "page.title", "page.url"] as const;

/** As the server keeps it: composed, lower case, without the slash that people type before it. */
export const cleanShortcut = (typed: string): string => typed.normalize("NFC").trim().replace(/^\/+/, "").toLowerCase();
export const isShortcut = (text: string): boolean => /^[a-z0-9_\-가-힣ㄱ-ㆎ]{1,40}$/u.test(text);

/** The text with every variable filled from `values`, or by what stands behind its `|`. */
export const example = (text: string, values: Record<string, string>): string =>
  text.replace(/\{\{\s*([\w.]+)\s*(?:\|([^{}]*))?\}\}/g, (whole, name: string, fallback: string | undefined) => values[name] ?? fallback ?? whole);

/** Variables that the console will not know how to fill. */
export const unknownVariables = (text: string): string[] =>
  [...text.matchAll(/\{\{\s*([^{}|]*?)\s*(?:\|[^{}]*)?\}\}/g)].map((match) => match[1] ?? "").filter((name) => !(VARIABLES as readonly string[]).includes(name));

export function found(all: readonly CannedResponse[], typed: string): CannedResponse[] {
  const word = cleanShortcut(typed);
  return all.filter((one) => one.shortcut.includes(word) || one.text.normalize("NFC").toLowerCase().includes(word)).sort((a, b) => a.shortcut.localeCompare(b.shortcut));
}
