/** What the statistics page reads, and how its numbers are drawn. Pure. */
import type { components } from "../api/schema.gen";

type Schemas = components["schemas"];
export type Statistics = Schemas["Statistics"];
export type Top = Schemas["StatisticsTop"];
export const PERIODS = ["today", "7d", "30d"] as const;
export type Period = (typeof PERIODS)[number];
export const MEASURES = ["page_views", "visitors", "visits", "conversations", "orders"] as const;
export type Measure = (typeof MEASURES)[number];
/** By the hour only what is counted by the minute. */
export const HOURLY: readonly Measure[] = ["page_views", "visits", "orders"];

export interface Bar { name: string; value: number }

/** The bars of a measure: hours of today, or days. */
export function barsOf(data: Statistics, period: Period, measure: Measure, dayName: (day: string) => string): Bar[] {
  if (period !== "today") return data.days.map((day) => ({ name: dayName(day.day), value: day[measure] }));
  if (measure !== "page_views" && measure !== "visits" && measure !== "orders") return [];
  return data.hours.map((hour) => ({ name: String(hour.hour), value: hour[measure] }));
}

/** The end of an axis that begins at zero: a round number at or above the highest bar, whose half is a whole one. */
export function ceiling(values: readonly number[]): number {
  const most = Math.max(0, ...values);
  if (most <= 4) return 4;
  const step = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 6, 10].map((times) => times * step).find((end) => end >= most && end % 2 === 0) ?? most;
}

/** Which names stand under the bars, so that they do not touch: every nth, and always the last. */
export function named(count: number, room: number): number[] {
  const every = Math.max(1, Math.ceil(count / Math.max(1, room)));
  return Array.from({ length: count }, (_, index) => index).filter((index) => (count - 1 - index) % every === 0);
}
