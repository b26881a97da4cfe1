/** Business hours: whether a shop is open at an instant, until when, and what is wrong with a week. Pure; the clock is passed in. */
import { DAYS, type BusinessHours, type Day, type Span, type Week } from "../api/admin";

const MINUTE = 60_000;
const DAY_MINUTES = 24 * 60;

/** "09:30" as minutes of the day; null for what is no time. "24:00" is the day's end. */
export function minutesOf(time: string): number | null {
  const found = /^(\d{2}):(\d{2})$/.exec(time);
  if (!found) return null;
  const minutes = Number(found[1]) * 60 + Number(found[2]);
  return minutes <= DAY_MINUTES && Number(found[2]) < 60 ? minutes : null;
}

export const timeOf = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

interface Local { day: Day; date: string; minutes: number }

/** The calendar day and the time of the day that clocks show in a zone. */
export function localTime(at: number, timeZone: string): Local {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, weekday: "short", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(at);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return { day: part("weekday").toLowerCase() as Day, date: `${part("year")}-${part("month")}-${part("day")}`, minutes: Number(part("hour")) * 60 + Number(part("minute")) };
}

const spansAt = (hours: BusinessHours, local: Local): Span[] => (hours.closed.includes(local.date) ? [] : hours.week[local.day]);

const inside = (spans: Span[], minutes: number): boolean => spans.some(([from, to]) => (minutesOf(from) ?? 0) <= minutes && minutes < (minutesOf(to) ?? 0));

export function isOpen(hours: BusinessHours, timeZone: string, at: number): boolean {
  if (hours.always) return true;
  const local = localTime(at, timeZone);
  return inside(spansAt(hours, local), local.minutes);
}

/** The next instant at which the shop opens or closes, to the minute, within two weeks; null when it never does. */
export function nextChange(hours: BusinessHours, timeZone: string, at: number): number | null {
  if (hours.always) return null;
  const open = isOpen(hours, timeZone, at);
  const start = Math.floor(at / MINUTE) * MINUTE;
  for (let ahead = 0; ahead < 15 * DAY_MINUTES;) {
    const instant = start + ahead * MINUTE;
    const local = localTime(instant, timeZone);
    if (inside(spansAt(hours, local), local.minutes) !== open) return instant;
    // Only where a span begins or ends can anything change; a day ends at midnight by the zone's own clock.
    const edges = spansAt(hours, local).flatMap(([from, to]) => [minutesOf(from) ?? 0, minutesOf(to) ?? 0]).filter((edge) => edge > local.minutes);
    const next = Math.min(DAY_MINUTES, ...edges) - local.minutes;
    // Near a change of the clocks an hour is missing or twice there: go step by step then.
    const shifted = localTime(instant + next * MINUTE, timeZone).minutes !== (local.minutes + next) % DAY_MINUTES;
    ahead += shifted ? 1 : next;
  }
  return null;
}

export type HoursProblem = "order" | "overlap";

/** What is wrong with a day, by the number of the span. */
export function problemsOf(spans: Span[]): Record<number, HoursProblem> {
  const found: Record<number, HoursProblem> = {};
  const order = spans.map((span, index) => ({ index, from: minutesOf(span[0]), to: minutesOf(span[1]) }));
  for (const { index, from, to } of order) if (from === null || to === null || to <= from) found[index] = "order";
  const sound = order.filter(({ index }) => !(index in found)).sort((a, b) => (a.from ?? 0) - (b.from ?? 0));
  sound.forEach(({ index, from }, at) => { if (at > 0 && (from ?? 0) < (sound[at - 1]?.to ?? 0)) found[index] = "overlap"; });
  return found;
}

export const sortedSpans = (spans: Span[]): Span[] => [...spans].sort((a, b) => (minutesOf(a[0]) ?? 0) - (minutesOf(b[0]) ?? 0));

/** One more span: a whole day first, then one an hour after the last. */
export function withSpan(spans: Span[]): Span[] {
  const last = Math.max(0, ...spans.map(([, to]) => minutesOf(to) ?? 0));
  if (spans.length === 0) return [["09:00", "18:00"]];
  if (last > 23 * 60) return [...spans, ["00:00", timeOf(Math.min(60, minutesOf(spans[0]?.[0] ?? "01:00") ?? 60))]];
  const from = Math.min(last + 60, DAY_MINUTES - 60);
  return [...spans, [timeOf(from), timeOf(Math.min(from + 4 * 60, DAY_MINUTES))]];
}

/** A lunch break in the middle of a single span. */
export function withBreak(spans: Span[]): Span[] {
  const [only] = spans;
  if (!only || spans.length !== 1) return spans;
  const [from, to] = [minutesOf(only[0]) ?? 0, minutesOf(only[1]) ?? 0];
  const noon = from < 12 * 60 && to > 13 * 60 ? 12 * 60 : Math.floor((from + to) / 2 / 30) * 30 - 30;
  if (noon <= from || noon + 60 >= to) return spans;
  return [[only[0], timeOf(noon)], [timeOf(noon + 60), only[1]]];
}

export const copied = (week: Week, from: Day, to: Day[]): Week =>
  Object.fromEntries(DAYS.map((day) => [day, to.includes(day) ? week[from] : week[day]])) as Week;

export const isSound = (hours: BusinessHours): boolean => hours.always || DAYS.every((day) => Object.keys(problemsOf(hours.week[day])).length === 0);
