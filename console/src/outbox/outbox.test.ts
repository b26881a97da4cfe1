import { describe, expect, test } from "vitest";
import { newId } from "../ids";
import { changed, dropped, isRetried, laneOf, nextOf, retryDelay, settled, type Outgoing } from "./outbox";

const item = (id: string, more: Partial<Outgoing> = {}): Outgoing =>
  ({ id, place: id, conversation: "c", lane: "messages", text: id, at: 0, state: "sending", seq: null, problem: null, ...more });
const KEY = "messages:c";

describe("the outbox", () => {
  test("sends in the order written, whatever order it was read in", () => {
    const box = [item("3"), item("1"), item("2")];
    expect(laneOf(box, KEY).map((one) => one.id)).toEqual(["1", "2", "3"]);
    expect(nextOf(box, KEY)?.id).toBe("1");
  });

  test("goes on with the next one when one is stored", () => {
    expect(nextOf(changed([item("1"), item("2")], "1", { state: "stored" }), KEY)?.id).toBe("2");
  });

  test("a failed message holds back the later ones until it is dropped", () => {
    const box = changed([item("1"), item("2")], "1", { state: "failed" });
    expect(nextOf(box, KEY)).toBeNull();
    expect(nextOf(dropped(box, "1"), KEY)?.id).toBe("2");
  });

  test("an edited message keeps its place under its new id", () => {
    const box = [item("9", { place: "1" }), item("2")];
    expect(nextOf(box, KEY)?.id).toBe("9");
  });

  test("what is written after a file that is not up yet waits for it, and a note does not", () => {
    const box = [item("1"), item("9", { place: "2" }), item("3"), item("4", { lane: "notes" })];
    expect(nextOf(box, KEY, "2")?.id).toBe("1");
    expect(nextOf(dropped(box, "1"), KEY, "2")?.id).toBe("9");
    expect(nextOf([item("3")], KEY, "2")).toBeNull();
    expect(nextOf([item("3")], KEY, null)?.id).toBe("3");
    expect(nextOf(box, "notes:c", "2")?.id).toBe("4");
  });

  test("conversations and notes do not wait for each other", () => {
    const box = [item("1", { state: "failed" }), item("2", { conversation: "d" }), item("3", { lane: "notes" })];
    expect(nextOf(box, "messages:d")?.id).toBe("2");
    expect(nextOf(box, "notes:c")?.id).toBe("3");
  });

  test("forgets what the log holds and nothing else", () => {
    const box = [item("1"), item("2"), item("3", { conversation: "d" })];
    expect(settled(box, KEY, new Set(["1", "3"])).map((one) => one.id)).toEqual(["2", "3"]);
    expect(settled(box, KEY, new Set())).toBe(box);
  });
});

describe("sending again", () => {
  test("is for what may pass, not for what was refused", () => {
    expect(["unavailable", "rate_limited", "internal", "network", "timeout"].map(isRetried)).toEqual([true, true, true, true, true]);
    expect(["invalid", "forbidden", "not_found", "conflict", "too_large"].map(isRetried)).toEqual([false, false, false, false, false]);
  });

  test("waits as long as the server says", () => {
    expect(retryDelay(5, 700, 0.5)).toBe(700);
  });

  test("else doubles from 1 s to 30 s with jitter", () => {
    expect([0, 1, 2, 10].map((attempt) => retryDelay(attempt, null, 1))).toEqual([1000, 2000, 4000, 30_000]);
    expect(retryDelay(3, null, 0)).toBe(4000);
  });
});

test("ids sort by the time they were made", () => {
  const random = new Uint8Array(16).fill(255);
  const ids = [1, 256, 1795298351000, 1795298351001].map((at) => newId(at, random));
  expect([...ids].sort()).toEqual(ids);
  expect(ids[2]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("ids of one moment are in the order in which they were made", () => {
  const ids = Array.from({ length: 50 }, () => newId());
  expect([...ids].sort()).toEqual(ids);
});
