// Times in the reader's own form.

import type { Language, Translate } from './i18n';

export function clock(at: number, language: Language): string {
  return new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' }).format(at);
}

export function full(at: number, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' }).format(at);
}

export function day(at: number, now: number, language: Language, t: Translate): string {
  const start = (time: number): number => new Date(time).setHours(0, 0, 0, 0);
  // Rounded, because a day of a clock change has 23 or 25 hours.
  const ago = Math.round((start(now) - start(at)) / 86_400_000);
  if (ago === 0) return t('today');
  if (ago === 1) return t('yesterday');
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';
  return new Intl.DateTimeFormat(language, { year, month: 'long', day: 'numeric', weekday: 'long' }).format(at);
}
