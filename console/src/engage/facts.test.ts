import { expect, test } from "vitest";
import type { Condition, Test } from "../api/engage";
import { FACTS, TEMPLATES, factsWith, firstValue, groupOf, isTest, kindOf, made, operatorsOf } from "./facts";
import { phase, read, written } from "./period";

const PATH: Test = { fact: "page.path", is: "starts_with", value: "/p/" };

test("a tree of conditions is groups all the way down, and becomes the same tree again", () => {
  const tree: Condition = { all: [PATH, { any: [{ none: [PATH] }, PATH] }] };
  const again = (one: Condition): Condition => {
    if (isTest(one)) return one;
    const { join, items } = groupOf(one);
    return made({ join, items: items.map(again) });
  };
  expect(again(tree)).toEqual(tree);
  expect(groupOf(PATH)).toEqual({ join: "all", items: [PATH] });
});

test("what a program wrote and this form does not offer stays choosable", () => {
  expect(operatorsOf("page.path", "regex")).toContain("regex");
  expect(operatorsOf("page.path", null)).not.toContain("regex");
  expect(factsWith("visitor.attribute.plan")).toContain("visitor.attribute.plan");
});

test("every fact has a value to begin with, and every template is whole", () => {
  for (const [name] of FACTS) expect(typeof firstValue(kindOf(name))).toBe(kindOf(name) === "flag" ? "boolean" : kindOf(name) === "number" ? "number" : "string");
  for (const make of Object.values(TEMPLATES)) expect(make().holdout).toBeGreaterThanOrEqual(0);
});

test("a time is written and read as the same minute", () => {
  const at = Date.UTC(2026, 10, 22, 8, 30);
  expect(read(written(at))).toBe(at);
  expect([written(null), read(""), read("soon")]).toEqual(["", null, null]);
});

test("a promotion is on, paused, still to come or over", () => {
  const one = { active: true, starts_at: 100, ends_at: 200 };
  expect([50, 100, 199, 200].map((now) => phase(one, now))).toEqual(["coming", "on", "on", "over"]);
  expect(phase({ ...one, active: false }, 150)).toBe("paused");
});
