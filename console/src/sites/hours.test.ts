import { expect, test } from "vitest";
import { USUAL_WEEK, type BusinessHours } from "../api/admin";
import { copied, isOpen, isSound, localTime, nextChange, problemsOf, withBreak, withSpan } from "./hours";

const hours = (extra: Partial<BusinessHours> = {}): BusinessHours => ({ always: false, week: USUAL_WEEK, closed: [], ...extra });
const at = (text: string): number => Date.parse(text);

test("a shop is open within a span of its own zone's day, and not during lunch", () => {
  // A Monday.
  expect(isOpen(hours(), "Asia/Seoul", at("2026-11-23T00:00:00Z"))).toBe(true);
  expect(isOpen(hours(), "Asia/Seoul", at("2026-11-23T03:30:00Z"))).toBe(false);
  expect(isOpen(hours(), "Asia/Seoul", at("2026-11-23T08:59:59Z"))).toBe(true);
  expect(isOpen(hours(), "Asia/Seoul", at("2026-11-23T09:00:00Z"))).toBe(false);
  expect(isOpen(hours(), "America/New_York", at("2026-11-23T00:00:00Z"))).toBe(false);
  expect(isOpen({ ...hours(), always: true }, "Asia/Seoul", at("2026-11-22T00:00:00Z"))).toBe(true);
});

test("a closed day is closed by the zone's calendar", () => {
  const closed = hours({ closed: ["2026-11-24"] });
  expect(isOpen(closed, "Asia/Seoul", at("2026-11-24T01:00:00Z"))).toBe(false);
  expect(isOpen(closed, "Asia/Seoul", at("2026-11-23T01:00:00Z"))).toBe(true);
});

test("the next change is lunch, then the evening, then Monday", () => {
  expect(nextChange(hours(), "Asia/Seoul", at("2026-11-23T00:10:30Z"))).toBe(at("2026-11-23T03:00:00Z"));
  expect(nextChange(hours(), "Asia/Seoul", at("2026-11-23T05:00:00Z"))).toBe(at("2026-11-23T09:00:00Z"));
  expect(nextChange(hours(), "Asia/Seoul", at("2026-11-27T10:00:00Z"))).toBe(at("2026-11-30T00:00:00Z"));
  expect(nextChange({ ...hours(), always: true }, "Asia/Seoul", 0)).toBeNull();
  expect(nextChange(hours({ week: { mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] } }), "Asia/Seoul", 0)).toBeNull();
});

test("a span up to midnight and the next from midnight are one opening", () => {
  const night = hours({ week: { ...USUAL_WEEK, fri: [["18:00", "24:00"]], sat: [["00:00", "02:00"]] } });
  expect(nextChange(night, "Asia/Seoul", at("2026-11-27T10:00:00Z"))).toBe(at("2026-11-27T17:00:00Z"));
});

test("opening stays at nine by the clock when the clocks change", () => {
  const everyDay = hours({ week: { ...USUAL_WEEK, sun: [["09:00", "18:00"]], sat: [] } });
  // Spring forward on 8 March 2026 and back on 1 November 2026 in New York.
  expect(nextChange(everyDay, "America/New_York", at("2026-03-08T05:30:00Z"))).toBe(at("2026-03-08T13:00:00Z"));
  expect(nextChange(everyDay, "America/New_York", at("2026-11-01T04:30:00Z"))).toBe(at("2026-11-01T14:00:00Z"));
});

test("what is wrong with a day is found at its span", () => {
  expect(problemsOf([["09:00", "12:00"], ["11:00", "18:00"]])).toEqual({ 1: "overlap" });
  expect(problemsOf([["18:00", "09:00"]])).toEqual({ 0: "order" });
  expect(problemsOf([["", "09:00"]])).toEqual({ 0: "order" });
  expect(problemsOf([["09:00", "12:00"], ["12:00", "24:00"]])).toEqual({});
  expect(isSound(hours({ week: { ...USUAL_WEEK, sun: [["10:00", "10:00"]] } }))).toBe(false);
});

test("a break splits a day, a new span follows the last, and a day is copied to others", () => {
  expect(withBreak([["09:00", "18:00"]])).toEqual([["09:00", "12:00"], ["13:00", "18:00"]]);
  expect(withBreak([["18:00", "23:00"]])).toEqual([["18:00", "20:00"], ["21:00", "23:00"]]);
  expect(withSpan([["09:00", "12:00"]])).toEqual([["09:00", "12:00"], ["13:00", "17:00"]]);
  expect(withSpan([])).toEqual([["09:00", "18:00"]]);
  expect(copied(USUAL_WEEK, "mon", ["sat"]).sat).toEqual(USUAL_WEEK.mon);
});

test("midnight is the start of a day", () => {
  expect(localTime(at("2026-11-22T15:00:00Z"), "Asia/Seoul")).toEqual({ day: "mon", date: "2026-11-23", minutes: 0 });
});
