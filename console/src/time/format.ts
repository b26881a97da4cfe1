/** Times as people read them: relative under a day, dates in the reader's form and zone. Pure; the clock is passed in. */
import { dayNumber, wallAt, zone } from "./zone";

// Making a formatter costs more than drawing a row, so each is made once for a language.
const made = new Map<string, Intl.DateTimeFormat | Intl.RelativeTimeFormat | Intl.NumberFormat>();
function kept<T extends Intl.DateTimeFormat | Intl.RelativeTimeFormat | Intl.NumberFormat>(key: string, make: () => T): T {
  const held = made.get(key);
  if (held) return held as T;
  const fresh = make();
  made.set(key, fresh);
  return fresh;
}
const dates = (language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  kept(`d ${language} ${zone()} ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(language, { timeZone: zone(), ...options }));
const ago = (language: string, options: Intl.RelativeTimeFormatOptions): Intl.RelativeTimeFormat =>
  kept(`r ${language} ${JSON.stringify(options)}`, () => new Intl.RelativeTimeFormat(language, options));
const units = (language: string, unit: string): Intl.NumberFormat =>
  kept(`n ${language} ${unit}`, () => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }));

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "now", "3 min ago", "2 hr ago", then a date. */
export function relative(at: number, now: number, language: string): string {
  const passed = Math.max(0, now - at);
  const format = ago(language, { numeric: "auto", style: "short" });
  if (passed < MINUTE) return format.format(0, "second");
  if (passed < HOUR) return format.format(-Math.floor(passed / MINUTE), "minute");
  if (passed < DAY) return format.format(-Math.floor(passed / HOUR), "hour");
  return date(at, now, language);
}

/** "20 Nov" style, with the year once it is another one. */
export function date(at: number, now: number, language: string): string {
  const sameYear = wallAt(at).year === wallAt(now).year;
  return dates(language, { month: "short", day: "numeric", year: sameYear ? undefined : "numeric" }).format(at);
}

export const clock = (at: number, language: string): string =>
  dates(language, { hour: "numeric", minute: "2-digit" }).format(at);

export const absolute = (at: number, language: string): string =>
  dates(language, { dateStyle: "long", timeStyle: "short" }).format(at);

/** Days of the reader's calendar between two instants; 0 is today. */
export function daysAgo(at: number, now: number): number {
  return dayNumber(now) - dayNumber(at);
}

export const dayKey = (at: number): string => String(dayNumber(at));

/** "Monday, 16 November", with the year once it is another one. */
export function longDay(at: number, now: number, language: string): string {
  const sameYear = wallAt(at).year === wallAt(now).year;
  return dates(language, { weekday: "long", month: "long", day: "numeric", year: sameYear ? undefined : "numeric" }).format(at);
}

/** "3 min", "2 hr", "4 days": how long somebody has been waiting. */
export function duration(ms: number, language: string): string {
  const [amount, unit] = ms < HOUR ? [ms / MINUTE, "minute"] : ms < DAY ? [ms / HOUR, "hour"] : [ms / DAY, "day"];
  return units(language, unit).format(Math.floor(amount));
}

/** The same of a time that somebody has set, and nothing of it left out: "90 min", "2 hr". */
export const exactly = (ms: number, language: string): string =>
  ms % HOUR === 0 ? duration(ms, language) : units(language, "minute").format(ms / MINUTE);

/** Nobody has to hurry, or to read seconds, before this. */
const WAIT_SHOWN_AFTER = 10_000;

/** A wait in words: none at first, "new" in its first minute, then how long. */
export function wait(ms: number, language: string): "none" | "new" | { duration: string } {
  if (ms < WAIT_SHOWN_AFTER) return "none";
  return ms < MINUTE ? "new" : { duration: duration(ms, language) };
}

/** A time that is to come: the clock today, weekday and clock within the week, else the date and clock. */
export function soon(at: number, now: number, language: string): string {
  const days = -daysAgo(at, now);
  const day: Intl.DateTimeFormatOptions = days === 0 ? {} : days < 7 ? { weekday: "short" } : { month: "short", day: "numeric" };
  return dates(language, { ...day, hour: "numeric", minute: "2-digit" }).format(at);
}

/** "Today", "yesterday", else the date. */
export function relativeDay(at: number, now: number, language: string): string {
  const days = daysAgo(at, now);
  return days < 2 ? ago(language, { numeric: "auto" }).format(-days, "day") : date(at, now, language);
}

/** How long somebody stayed: "40 sec", "3 min", "2 hr". */
export function stay(ms: number, language: string): string {
  if (ms >= MINUTE) return duration(ms, language);
  return units(language, "second").format(Math.max(1, Math.round(ms / 1000)));
}
