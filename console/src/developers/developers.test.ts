import { expect, test } from "vitest";
import { AREAS, levelOf, scopeOf } from "./api";

test("a level of an area is one scope, and a scope is that level again", () => {
  for (const { name, levels } of AREAS) {
    for (const level of levels) expect(levelOf(name, scopeOf(name, level))).toBe(level);
    expect(levelOf(name, [])).toBe("none");
  }
  expect(scopeOf("conversations", "write")).toEqual(["conversations:write"]);
  expect(scopeOf("sockets", "use")).toEqual(["sockets"]);
  expect(levelOf("visitors", ["visitors:read", "visitors:write"])).toBe("write");
});
