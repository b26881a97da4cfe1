import { expect, test } from "vitest";
import { bodyOf, changed, errorAt, remaining, withChange } from "./paths";

const base = { name: "Shop", settings: { texts: { ko: { title: "" } }, sound: true }, domains: ["a.example"] };

test("what is put back to what it was is no change", () => {
  const once = withChange(base, {}, "settings.sound", false);
  expect(once).toEqual({ "settings.sound": false });
  expect(withChange(base, once, "settings.sound", true)).toEqual({});
  expect(withChange(base, {}, "domains", ["a.example"])).toEqual({});
});

test("only what was changed is sent, nested as the server has it", () => {
  const changes = withChange(base, withChange(base, {}, "settings.texts.ko.title", "상담"), "name", "Other");
  expect(bodyOf(changes)).toEqual({ name: "Other", settings: { texts: { ko: { title: "상담" } } } });
  expect(changed(base, changes)).toEqual({ ...base, name: "Other", settings: { sound: true, texts: { ko: { title: "상담" } } } });
  expect(base.settings.texts.ko.title).toBe("");
});

test("a change that somebody else made as well is none any more, another one stays", () => {
  expect(remaining({ ...base, name: "Other" }, { name: "Other", "settings.sound": false })).toEqual({ "settings.sound": false });
  expect(remaining({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })).toEqual({});
});

test("a refused field is found by its whole name or the end of it", () => {
  expect(errorAt({ "texts.ko.title": "too long" }, "settings.texts.ko.title")).toBe("too long");
  expect(errorAt({ name: "missing" }, "name")).toBe("missing");
  expect(errorAt({ name: "missing" }, "domains")).toBeUndefined();
});
