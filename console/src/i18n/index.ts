/** The console's texts: of one language, and of an area those that it needs. The other language comes when it is chosen. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";

export type Language = "en" | "ko";
/** What is needed everywhere, and what comes with an area. */
export type Part = "first" | "admin" | "site" | "engage" | "dev" | "crowds" | "insight" | "widget";

const KEPT = "stalk.language";
const FILES: Record<Part, Record<Language, () => Promise<{ default: object }>>> = {
  first: { en: () => import("./en.json"), ko: () => import("./ko.json") },
  admin: { en: () => import("./admin.en.json"), ko: () => import("./admin.ko.json") },
  site: { en: () => import("./site.en.json"), ko: () => import("./site.ko.json") },
  engage: { en: () => import("./engage.en.json"), ko: () => import("./engage.ko.json") },
  dev: { en: () => import("./dev.en.json"), ko: () => import("./dev.ko.json") },
  crowds: { en: () => import("./crowds.en.json"), ko: () => import("./crowds.ko.json") },
  insight: { en: () => import("./insight.en.json"), ko: () => import("./insight.ko.json") },
  widget: { en: () => import("./widget.en.json"), ko: () => import("./widget.ko.json") },
};
const wanted = new Set<Part>(["first"]);
const coming = new Map<string, Promise<void>>();
let chosen: Language;

/** Goes by the same rule as public/scheme.js, which fetches ahead. */
function browserLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "en" || kept === "ko") return kept;
  return navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";
}

function bring(part: Part, language: Language): Promise<void> {
  const name = `${part}.${language}`;
  const known = coming.get(name);
  if (known) return known;
  const bringing = FILES[part][language]().then(({ default: texts }) => void i18next.addResourceBundle(language, "translation", texts, true));
  coming.set(name, bringing);
  bringing.catch(() => coming.delete(name));
  return bringing;
}

/** What the widget says, which settings show in both languages at once. */
const widgetTexts = (): Promise<unknown> => Promise.all([bring("widget", "en"), bring("widget", "ko")]);

/** The code of an area, once its texts are there too; all of it is fetched side by side. */
export async function withTexts<T>(parts: Part[], code: Promise<T>): Promise<T> {
  for (const part of parts) wanted.add(part);
  const [loaded] = await Promise.all([code, ...parts.map((part) => (part === "widget" ? widgetTexts() : bring(part, chosen)))]);
  return loaded;
}

/** For whoever may be about to choose the other language: it is then there at once. */
export function bringOther(): void {
  const other = chosen === "ko" ? "en" : "ko";
  for (const part of wanted) bring(part, other).catch(() => undefined);
}

/** What is on the screen changes when all of its texts are there; where they cannot be had it stays as it is. */
export async function setLanguage(language: Language): Promise<void> {
  chosen = language;
  if (i18next.language !== language) {
    try {
      // Also what an area begins to want meanwhile.
      for (const part of wanted) await bring(part, language);
    } catch {
      if (chosen === language) chosen = i18next.language as Language;
      return;
    }
    if (chosen !== language) return;
    await i18next.changeLanguage(language);
  }
  localStorage.setItem(KEPT, language);
}

export async function startI18n(): Promise<void> {
  chosen = browserLanguage();
  i18next.on("languageChanged", (language) => { document.documentElement.lang = language; });
  await i18next.use(initReactI18next).init({ resources: {}, lng: chosen, fallbackLng: false, interpolation: { escapeValue: false }, returnNull: false });
  await bring("first", chosen);
  document.documentElement.lang = chosen;
}
