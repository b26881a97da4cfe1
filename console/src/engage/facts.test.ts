import { expect, test } from "vitest";
import { FACTS, OPERATORS, TEMPLATES, flat, joined, kindOf } from "./facts";

test("conditions of one level are a list, and what is deeper is left as it is", () => {
  const one = { fact: "page.path", is: "starts_with", value: "/a" };
  expect(flat(one)).toEqual({ join: "all", tests: [one] });
  expect(flat({ none: [one] })).toEqual({ join: "none", tests: [one] });
  expect(flat({ all: [{ any: [one] }] })).toBeNull();
  expect(joined("any", [one])).toEqual({ any: [one] });
});

test("every fact of a template is one that the form knows", () => {
  for (const make of Object.values(TEMPLATES)) {
    for (const { fact, is } of flat(make().when)?.tests ?? []) {
      expect(FACTS.map(([name]) => name)).toContain(fact);
      expect(OPERATORS[kindOf(fact)]).toContain(is);
    }
  }
});
