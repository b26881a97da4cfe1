// Times in the reader's own form.

import type { Language, Translate } from './i18n';

// A formatter costs more to make than everything else in a bubble, and a long log asks for hundreds.
const made = new Map<string, Intl.DateTimeFormat>();

function format(at: number, language: Language, name: string, options: Intl.DateTimeFormatOptions): string {
  const key = language + name;
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat(language, options));
  return made.get(key)!.format(at);
}

export function clock(at: number, language: Language): string {
  return format(at, language, 'clock', { hour: 'numeric', minute: '2-digit' });
}

export function full(at: number, language: Language): string {
  return format(at, language, 'full', { dateStyle: 'long', timeStyle: 'short' });
}

/** As short as it can be told apart: the time today, the date before. */
export function brief(at: number, now: number, language: Language): string {
  if (new Date(at).toDateString() === new Date(now).toDateString()) return clock(at, language);
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';
  return format(at, language, 'brief' + year, { year, month: 'short', day: 'numeric' });
}

/** When a shop opens again: the time today, with the day on another one. */
export function opening(at: number, now: number, language: Language): string {
  if (new Date(at).toDateString() === new Date(now).toDateString()) return clock(at, language);
  return format(at, language, 'opening', { weekday: 'short', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' });
}

/** How long an answer takes, in the coarsest unit that is still true. */
export function replyTime(seconds: number, t: Translate): string {
  if (seconds < 60) return t('seconds');
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? t('minutes', { count: minutes }) : t('hours', { count: Math.ceil(minutes / 60) });
}

export function fileSize(bytes: number, language: Language): string {
  const [value, unit] = bytes < 1024 * 1024 ? [Math.max(1, Math.round(bytes / 1024)), 'KB'] : [Math.round((bytes / 1024 / 1024) * 10) / 10, 'MB'];
  return `${value.toLocaleString(language)} ${unit}`;
}

export function day(at: number, now: number, language: Language, t: Translate): string {
  const start = (time: number): number => new Date(time).setHours(0, 0, 0, 0);
  // Rounded, because a day of a clock change has 23 or 25 hours.
  const ago = Math.round((start(now) - start(at)) / 86_400_000);
  if (ago === 0) return t('today');
  if (ago === 1) return t('yesterday');
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';
  return format(at, language, 'day' + year, { year, month: 'long', day: 'numeric', weekday: 'long' });
}
