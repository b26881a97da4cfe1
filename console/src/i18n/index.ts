/** The console's texts in two languages, both in the first load: switching never waits. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import en from "./en.json";
import ko from "./ko.json";

export type Language = "en" | "ko";
const KEPT = "stalk.language";

export function browserLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "en" || kept === "ko") return kept;
  return navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";
}

function mark(language: string): void {
  document.documentElement.lang = language;
}

export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEPT, language);
  if (i18next.language !== language) await i18next.changeLanguage(language);
}

export async function startI18n(): Promise<void> {
  i18next.on("languageChanged", mark);
  await i18next.use(initReactI18next).init({
    resources: { en: { translation: en }, ko: { translation: ko } },
    lng: browserLanguage(), fallbackLng: "en", interpolation: { escapeValue: false }, returnNull: false,
  });
  mark(i18next.language);
}
