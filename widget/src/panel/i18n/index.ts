// Every word on the screen, in the language that the welcome names for this visitor; before it, in the browser's.

import { en, type Texts } from './en';
import { ko } from './ko';

export type Language = 'en' | 'ko';
export type Translate = (key: keyof Texts, values?: Record<string, string | number>) => string;

const CATALOGUES: Record<Language, Texts> = { en, ko };

export function pickLanguage(...wanted: (string | null | undefined)[]): Language {
  for (const one of wanted) {
    const short = one?.slice(0, 2).toLowerCase();
    if (short === 'ko' || short === 'en') return short;
  }
  return 'en';
}

export function translator(language: Language): Translate {
  const texts = CATALOGUES[language];
  return (key, values) => texts[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values?.[name] ?? whole));
}
