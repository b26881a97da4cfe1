import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import adminEn from "./admin.en.json";
import adminKo from "./admin.ko.json";
import crowdsEn from "./crowds.en.json";
import crowdsKo from "./crowds.ko.json";
import devEn from "./dev.en.json";
import devKo from "./dev.ko.json";
import firstEn from "./en.json";
import engageEn from "./engage.en.json";
import engageKo from "./engage.ko.json";
import insightEn from "./insight.en.json";
import insightKo from "./insight.ko.json";
import firstKo from "./ko.json";
import siteEn from "./site.en.json";
import siteKo from "./site.ko.json";
import widgetEn from "./widget.en.json";
import widgetKo from "./widget.ko.json";

type Texts = { [name: string]: string | Texts };

/** What is loaded first and what comes with an area, as i18next puts them together. */
const both = (first: Texts, admin: Texts): Texts => Object.fromEntries([...new Set([...Object.keys(first), ...Object.keys(admin)])].map((group) => [group, { ...(first[group] as Texts), ...(admin[group] as Texts) }]));
const areasEn: Texts[] = [adminEn, siteEn, engageEn, devEn, insightEn, crowdsEn, widgetEn];
const en = areasEn.reduce<Texts>(both, firstEn);
const ko = [adminKo, siteKo, engageKo, devKo, insightKo, crowdsKo, widgetKo].reduce<Texts>(both, firstKo);

function keysOf(texts: Texts, prefix = ""): string[] {
  return Object.entries(texts).flatMap(([name, text]) => (typeof text === "string" ? [prefix + name] : keysOf(text, `${prefix}${name}.`)));
}
// Korean has one plural form where English has two.
const singular = (key: string): string => key.replace(/_(one|other)$/, "");
const namesOf = (texts: Texts): Set<string> => new Set(keysOf(texts).map(singular));
const textAt = (texts: Texts, key: string): string => key.split(".").reduce<string | Texts>((now, part) => (typeof now === "string" ? now : (now[part] ?? "")), texts) as string;
const holes = (text: string): string[] => [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1] ?? "").sort();

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((file) =>
    file.isDirectory() ? sources(`${folder}/${file.name}`) : /\.tsx?$/.test(file.name) && !/\.test\.|gen\.ts$/.test(file.name) ? [readFileSync(`${folder}/${file.name}`, "utf8")] : []);
}

test("no text of an area hides one of the first load or of another area", () => {
  const all = [firstEn, ...areasEn].flatMap((texts) => keysOf(texts));
  expect(all.filter((key, at) => all.indexOf(key) !== at)).toEqual([]);
});

test("both languages have the same texts", () => {
  const [english, korean] = [namesOf(en), namesOf(ko)];
  expect([...english].filter((key) => !korean.has(key))).toEqual([]);
  expect([...korean].filter((key) => !english.has(key))).toEqual([]);
});

test("a text has the same places to fill in both languages", () => {
  const korean = new Set(keysOf(ko));
  const common = keysOf(en).filter((key) => korean.has(key));
  expect(common.filter((key) => String(holes(textAt(en, key))) !== String(holes(textAt(ko, key))))).toEqual([]);
});

test("no text is empty, and none shouts", () => {
  for (const texts of [en, ko] as Texts[]) expect(keysOf(texts).filter((key) => textAt(texts, key).trim() === "" || textAt(texts, key).includes("!"))).toEqual([]);
});

test("every key in the code exists, and every text is used", () => {
  const code = sources(new URL("..", import.meta.url).pathname);
  const names = namesOf(en);
  const used = new Set<string>();
  const patterns: RegExp[] = [];
  for (const text of code) {
    for (const match of text.matchAll(/\b(?:t|said)\(\s*["']([\w.]+)["']/g)) used.add(match[1] ?? "");
    for (const match of text.matchAll(/["'](\w+\.\w+)["']/g)) if (names.has(match[1] ?? "")) used.add(match[1] ?? "");
    for (const match of text.matchAll(/\bt\(`([^`]+)`/g)) patterns.push(new RegExp(`^${(match[1] ?? "").replaceAll(".", "\\.").replace(/\$\{[^}]+\}/g, "\\w+")}$`));
  }
  expect([...used].filter((key) => !names.has(key))).toEqual([]);
  expect([...names].filter((key) => !used.has(key) && !patterns.some((pattern) => pattern.test(key)))).toEqual([]);
});
