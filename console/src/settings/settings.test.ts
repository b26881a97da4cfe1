import { readFileSync } from "node:fs";
import { HUES } from "../ui/hues";
import { expect, test } from "vitest";
import { cleanShortcut, example, found, isShortcut, unknownVariables } from "./canned";

test("a shortcut is one word of letters a keyboard has", () => {
  expect(cleanShortcut(" /Ship-EU ")).toBe("ship-eu");
  expect(["ship-eu", "환불", "ㅎㅇ", "a_1"].every(isShortcut)).toBe(true);
  expect(["", "two words", "a/b", "é", "x".repeat(41)].some(isShortcut)).toBe(false);
});

test("the example fills what it knows, else what stands behind the bar", () => {
  expect(example("Hi {{visitor.name|there}}, {{ site.name }} {{other}}", { "site.name": "Shop" })).toBe("Hi there, Shop {{other}}");
  expect(unknownVariables("{{visitor.name|you}} {{visitor.phone}} {{ |x}}")).toEqual(["visitor.phone", ""]);
});

test("a search finds shortcuts and texts, in any case", () => {
  const one = (shortcut: string, text: string) => ({ id: shortcut, shortcut, text, site_id: null, updated_at: 0, created_by: { id: "o", name: "Mina" } });
  expect(found([one("b", "Refund within"), one("refund", "x"), one("a", "y")], "/REFUND").map((hit) => hit.shortcut)).toEqual(["b", "refund"]);
});

test("there is a hue for each colour that the server gives tags", () => {
  const source = readFileSync(new URL("../../../backend/src/tags.rs", import.meta.url), "utf8");
  expect(HUES.length).toBe(Number(/const COLORS: i64 = (\d+)/.exec(source)?.[1]));
});
