import { describe, expect, test } from "vitest";
import { bytes, percent, rate, sums } from "./figures";

describe("figures of nodes", () => {
  test("are added up as far as they are known", () => {
    const node = { connections: 3, messages_per_second: 0.5, processors: 0.25, memory: null };
    expect(sums([node, { ...node, processors: null }])).toEqual({ connections: 6, messages: 1, processors: 0.25, memory: null });
    expect(sums([])).toEqual({ connections: 0, messages: 0, processors: null, memory: null });
  });

  test("are written for people", () => {
    expect([rate(0, "en"), rate(1.26, "en"), rate(1234.5, "en")]).toEqual(["0", "1.3", "1,235"]);
    expect([percent(null, "en"), percent(0.126, "en"), percent(1.5, "ko")]).toEqual(["–", "13%", "150%"]);
    expect([bytes(null, "en"), bytes(52_428_800, "en"), bytes(1_610_612_736, "en")]).toEqual(["–", "50 MiB", "1.5 GiB"]);
  });
});
