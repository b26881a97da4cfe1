import { expect, test } from "vitest";
import { barsOf, ceiling, named, type Statistics } from "./figures";

const data = {
  hours: Array.from({ length: 24 }, (_, hour) => ({ hour, page_views: hour, visits: 1, orders: 0 })),
  days: [{ day: "2026-01-31", page_views: 2, visitors: 1, visits: 1, conversations: 0, missed: 0, orders: 0, revenue: [] }],
} as unknown as Statistics;

test("today is drawn by the hour, a longer time by the day", () => {
  expect(barsOf(data, "today", "page_views", String)).toHaveLength(24);
  expect(barsOf(data, "today", "page_views", String)[9]).toEqual({ name: "9", value: 9 });
  expect(barsOf(data, "today", "visitors", String)).toEqual([]);
  expect(barsOf(data, "30d", "visitors", (day) => day.slice(5))).toEqual([{ name: "01-31", value: 1 }]);
});

test("an axis begins at zero and ends at a round number", () => {
  expect([[], [3], [5], [7], [12], [21], [45], [980]].map(ceiling)).toEqual([4, 4, 6, 10, 20, 40, 60, 1000]);
});

test("names under bars leave each other room, and the last is always there", () => {
  expect(named(24, 12)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23]);
  expect(named(30, 7)).toEqual([4, 9, 14, 19, 24, 29]);
  expect(named(1, 7)).toEqual([0]);
  expect(named(0, 7)).toEqual([]);
});
