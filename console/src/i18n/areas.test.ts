// A page shows no text that is not loaded with it: the texts of an area come with its pages alone.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

type Texts = { [name: string]: string | Texts };
const SRC = new URL("..", import.meta.url).pathname;
const read = (path: string): string => readFileSync(join(SRC, path), "utf8");

// Korean has one plural form where English has two.
const keysOf = (texts: Texts, prefix = ""): string[] =>
  Object.entries(texts).flatMap(([name, text]) => (typeof text === "string" ? [(prefix + name).replace(/_(one|other)$/, "")] : keysOf(text, `${prefix}${name}.`)));
const PARTS = new Map(readdirSync(join(SRC, "i18n")).filter((file) => file.endsWith("en.json")).map((file) => [file.replace(/\.?en\.json$/, "") || "first", new Set(keysOf(JSON.parse(read(`i18n/${file}`)) as Texts))]));

/** All modules behind one, also those that come later. `router.tsx` leads to every page, which are looked at one by one. */
function modulesFrom(file: string, into = new Set<string>()): Set<string> {
  if (into.has(file)) return into;
  into.add(file);
  const code = file === "router.tsx" ? read(file).replace(/\bimport\("[^"]+"\)/g, "") : read(file);
  for (const [, path = ""] of code.matchAll(/(?:from |\bimport\()"(\.[^"]+)"/g)) {
    const found = [".ts", ".tsx"].map((ending) => join(dirname(file), path) + ending).find((one) => existsSync(join(SRC, one)));
    if (found && !found.startsWith("i18n/")) modulesFrom(found, into);
  }
  return into;
}

/** The pages, and what texts each of them waits for. Those under the settings' frame wait for what that waits for. */
function pages(): [page: string, parts: string[]][] {
  return read("router.tsx").split("\n").flatMap((line): [string, string[]][] => {
    const page = /\bimport\("\.\/([^"]+)"\)/.exec(line)?.[1];
    if (!page) return [];
    const parts = [...(/withTexts\(\[([^\]]+)\]/.exec(line)?.[1] ?? "").matchAll(/"(\w+)"/g)].map((match) => match[1] ?? "");
    return [[`${page}.tsx`, [...parts, ...(line.includes("getParentRoute: () => settings") ? ["admin"] : [])]]];
  });
}

test.each([["main.tsx", []], ["conversation/ConversationPage.tsx", []], ...pages()] as [string, string[]][])("%s shows only texts that are loaded with it", (page, parts) => {
  const loaded = new Set(["first", ...parts].flatMap((part) => [...(PARTS.get(part) ?? [])]));
  const missing = new Set([...PARTS.values()].flatMap((keys) => [...keys]).filter((key) => !loaded.has(key)));
  const shown = [...modulesFrom(page)].flatMap((file) => {
    const code = read(file);
    const plain = [...code.matchAll(/["'](\w+\.\w+)["']/g)].map((match) => match[1] ?? "").filter((key) => missing.has(key));
    const made = [...code.matchAll(/\bt\(`([^`]+)`/g)].map((match) => new RegExp(`^${(match[1] ?? "").replaceAll(".", "\\.").replace(/\$\{[^}]+\}/g, "\\w+")}$`))
      .flatMap((pattern) => ([...loaded].some((key) => pattern.test(key)) ? [] : [...missing].filter((key) => pattern.test(key))));
    return [...plain, ...made].map((key) => `${key} in ${file}`);
  });
  expect(shown).toEqual([]);
});
