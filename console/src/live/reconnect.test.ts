import { expect, test } from "vitest";
import { reconnectPlan, type Bye } from "./reconnect";

const bye = (code: number, retry_after_ms?: number): Bye => ({ code, name: "x", message: "x", retry_after_ms });

test("the first wait is within a second, then 1 s doubling to 30 s, each with full jitter", () => {
  const longest = [0, 1, 2, 3, 9].map((attempt) => reconnectPlan(null, attempt, 1));
  expect(longest.map((plan) => plan.then === "wait" && plan.ms)).toEqual([1000, 1000, 2000, 4000, 30_000]);
  expect(reconnectPlan(null, 4, 0)).toEqual({ then: "wait", ms: 0 });
});

test("a server that goes away or refuses a credential is tried again", () => {
  expect(reconnectPlan(bye(4000), 0, 0.5).then).toBe("wait");
  expect(reconnectPlan(bye(4101), 0, 0.5).then).toBe("wait");
});

test("a refusal for good stops", () => {
  expect(reconnectPlan(bye(4202), 0, 0.5)).toMatchObject({ then: "stop" });
});

test("a server that names a time is given it", () => {
  expect(reconnectPlan(bye(4300, 5000), 0, 0)).toEqual({ then: "wait", ms: 5000 });
  expect(reconnectPlan(bye(4003, 1000), 9, 1)).toEqual({ then: "wait", ms: 2000 });
  expect(reconnectPlan(null, 9, 1, 1000)).toEqual({ then: "wait", ms: 2000 });
});
