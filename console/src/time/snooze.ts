/** When to come back to a conversation: sensible times in the reader's own day. Pure; the clock is passed in. */
export type SnoozeChoice = "hour" | "three_hours" | "evening" | "tomorrow" | "monday" | "week";
export interface SnoozeTime { choice: SnoozeChoice; at: number }

const HOUR = 3_600_000;
const MORNING = 9;
const EVENING = 18;

const at = (day: Date, days: number, hour: number): number => new Date(day.getFullYear(), day.getMonth(), day.getDate() + days, hour).getTime();

/** Soonest first; "this evening" only while it is well ahead, "Monday" only where it is not tomorrow. */
export function snoozeTimes(now: number): SnoozeTime[] {
  const day = new Date(now);
  const toMonday = ((8 - day.getDay()) % 7) || 7;
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
  const day = new Date(when);
  return new Date(when - day.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
