/** When to come back to a conversation: sensible times in the reader's own day. Pure; the clock is passed in. */
import { instantOf, wallAt, type Wall } from "./zone";

export type SnoozeChoice = "hour" | "three_hours" | "evening" | "tomorrow" | "monday" | "week";
export interface SnoozeTime { choice: SnoozeChoice; at: number }

const HOUR = 3_600_000;
const MORNING = 9;
const EVENING = 18;

const at = (today: Wall, days: number, hour: number): number => instantOf({ ...today, day: today.day + days, hour, minute: 0 });

/** Soonest first; "this evening" only while it is well ahead, "Monday" only where it is not tomorrow. */
export function snoozeTimes(now: number): SnoozeTime[] {
  const day = wallAt(now);
  const toMonday = ((8 - day.weekday) % 7) || 7;
  const all: SnoozeTime[] = [
    { choice: "hour", at: now + HOUR },
    { choice: "three_hours", at: now + 3 * HOUR },
    { choice: "evening", at: at(day, 0, EVENING) },
    { choice: "tomorrow", at: at(day, 1, MORNING) },
    { choice: "monday", at: at(day, toMonday, MORNING) },
    { choice: "week", at: at(day, 7, MORNING) },
  ];
  return all.filter(({ choice, at: when }) => (choice === "evening" ? when - now > 2 * HOUR : choice === "monday" ? toMonday > 1 && toMonday < 7 : true));
}

/** "2026-11-22T09:00" of the reader's own time, as a `datetime-local` field wants it. */
export function localInput(when: number): string {
  const { year, month, day, hour, minute } = wallAt(when);
  return new Date(Date.UTC(year, month - 1, day, hour, minute)).toISOString().slice(0, 16);
}

/** The instant that such a field means; NaN where it holds none. */
export function inputInstant(value: string): number {
  const read = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(value);
  if (!read) return Number.NaN;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = read.slice(1).map(Number);
  return instantOf({ year, month, day, hour, minute });
}
