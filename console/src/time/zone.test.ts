import { afterEach, expect, test } from "vitest";
import { absolute, clock, daysAgo } from "./format";
import { localInput, snoozeTimes } from "./snooze";
import { instantOf, setZone, wallAt } from "./zone";

afterEach(() => setZone(null));
const at = (text: string): number => Date.parse(text);

test("times are those of the chosen zone, and so is when a day begins", () => {
  setZone("Asia/Seoul");
  expect(clock(at("2026-11-22T15:30:00Z"), "ko")).toContain("12:30");
  expect(daysAgo(at("2026-11-22T14:59:00Z"), at("2026-11-22T15:01:00Z"))).toBe(1);
  setZone("America/New_York");
  expect(clock(at("2026-11-22T15:30:00Z"), "en")).toMatch(/^10:30\sAM$/);
  expect(absolute(at("2026-11-22T03:30:00Z"), "en")).toContain("November 21, 2026");
  expect(daysAgo(at("2026-11-22T14:59:00Z"), at("2026-11-22T15:01:00Z"))).toBe(0);
});

test("a snooze until tomorrow is nine o'clock on the chosen wall, also over a change of the clocks", () => {
  setZone("America/New_York");
  const now = at("2026-10-31T20:00:00Z");
  const tomorrow = snoozeTimes(now).find((one) => one.choice === "tomorrow")?.at ?? 0;
  expect(new Date(tomorrow).toISOString()).toBe("2026-11-01T14:00:00.000Z");
  expect(localInput(tomorrow)).toBe("2026-11-01T09:00");
});

test("a wall time and its instant are each other's, and a skipped hour is the one after it", () => {
  setZone("Europe/Berlin");
  for (const text of ["2026-03-28T12:00:00Z", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-07-01T22:15:00Z", "2026-12-31T23:30:00Z"]) expect(instantOf(wallAt(at(text)))).toBe(at(text));
  expect(new Date(instantOf({ year: 2026, month: 3, day: 29, hour: 2, minute: 30 })).toISOString()).toBe("2026-03-29T01:30:00.000Z");
  expect(new Date(instantOf({ year: 2026, month: 3, day: 35, hour: 9, minute: 0 })).toISOString()).toBe("2026-04-04T07:00:00.000Z");
});

test("a zone that nobody knows is this device's", () => {
  setZone("Mars/Olympus");
  const here = new Date(at("2026-11-22T15:30:00Z"));
  expect(wallAt(here.getTime()).hour).toBe(here.getHours());
});
