import { expect, test } from "vitest";
import { exactly, wait } from "./format";

const MINUTE = 60_000;

test("a wait is not worth a word before ten seconds", () => {
  expect(wait(0, "en")).toBe("none");
  expect(wait(9_999, "en")).toBe("none");
});

test("a wait counts whole minutes, hours and days, never seconds", () => {
  expect(wait(10_000, "en")).toBe("new");
  expect(wait(59_999, "en")).toBe("new");
  expect(wait(MINUTE, "en")).toEqual({ duration: "1 min" });
  expect(wait(59.9 * MINUTE, "ko")).toEqual({ duration: "59분" });
  expect(wait(60 * MINUTE, "en")).toEqual({ duration: "1 hr" });
  expect(wait(25 * 60 * MINUTE, "ko")).toEqual({ duration: "1일" });
});

test("a time that was set is told whole", () => {
  expect(exactly(90 * MINUTE, "en")).toBe("90 min");
  expect(exactly(120 * MINUTE, "ko")).toBe("2시간");
  expect(exactly(5 * MINUTE, "ko")).toBe("5분");
});
