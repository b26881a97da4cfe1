/** From when until when a promotion is on, as a field for date and time writes it, in the reader's zone. Pure. */
import type { Millis } from "../api/types";
import { instantOf, wallAt } from "../time/zone";

const two = (value: number): string => String(value).padStart(2, "0");

/** "2026-12-01T09:30"; empty for no limit. */
export function written(at: Millis | null): string {
  if (at === null) return "";
  const { year, month, day, hour, minute } = wallAt(at);
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

/** null for what is no date, or none. */
export function read(text: string): Millis | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text);
  if (!parts) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = parts.slice(1).map(Number);
  return instantOf({ year, month, day, hour, minute });
}

export type Phase = "on" | "paused" | "coming" | "over";
export function phase(one: { active: boolean; starts_at: Millis | null; ends_at: Millis | null }, now: Millis): Phase {
  if (one.ends_at !== null && one.ends_at <= now) return "over";
  if (!one.active) return "paused";
  return one.starts_at !== null && one.starts_at > now ? "coming" : "on";
}
