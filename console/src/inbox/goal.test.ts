import { expect, test } from "vitest";
import { goalsOf, isUrgent } from "./goal";

test("a wait is urgent past its own site's goal, not at it", () => {
  const goals = goalsOf([{ id: "quick", answer_goal_min: 1 }, { id: "calm", answer_goal_min: 30 }]);
  const urgent = (site: string, waited: number): boolean => isUrgent(waited, goals.get(site) ?? null);
  expect([urgent("quick", 60_000), urgent("quick", 60_001)]).toEqual([false, true]);
  expect([urgent("calm", 1_800_000), urgent("calm", 1_800_001)]).toEqual([false, true]);
});

test("no wait is urgent before its site is known", () => {
  expect(isUrgent(86_400_000, goalsOf([]).get("new") ?? null)).toBe(false);
});
