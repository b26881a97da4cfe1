import { describe, expect, test } from "vitest";
import type { LogEntry } from "../api/types";
import { folded, notesOf } from "./fold";
import { applied, emptyWindow, prepended, windowOf } from "./window";

const visitor = { kind: "visitor" as const, id: "v", name: null };
const entry = (seq: number, type = "message.posted", data: unknown = { kind: "text", text: `text ${seq}` }): LogEntry =>
  ({ v: 1, id: `id-${seq}`, type, at: seq * 1000, conversation: "c", seq, sender: visitor, client_message_id: `cm-${seq}`, data });
const entries = (from: number, to: number): LogEntry[] => Array.from({ length: to - from + 1 }, (_, i) => entry(from + i));

describe("a window of the log", () => {
  test("takes the next entry and moves on", () => {
    const { window, hole } = applied(windowOf(entries(1, 3)), [entry(4)]);
    expect([window.first, window.have, hole]).toEqual([1, 4, false]);
  });

  test("drops what it has, so that a repeated publication shows once", () => {
    const before = windowOf(entries(1, 3));
    expect(applied(before, [entry(2), entry(3)])).toEqual({ window: before, hole: false });
  });

  test("tells of a hole and takes nothing above it", () => {
    const { window, hole } = applied(windowOf(entries(1, 3)), [entry(5)]);
    expect([window.have, hole]).toEqual([3, true]);
  });

  test("takes a batch in any order and stops at the hole inside", () => {
    const { window, hole } = applied(windowOf(entries(1, 2)), [entry(6), entry(4), entry(3)]);
    expect([window.have, hole]).toEqual([4, true]);
    expect(window.entries.map((one) => one.seq)).toEqual([1, 2, 3, 4]);
  });

  test("begins empty and takes the first entry", () => {
    expect(applied(emptyWindow(), [entry(1)]).window).toMatchObject({ first: 1, have: 1 });
  });

  test("grows downwards by a page that touches it, and overlaps are cut", () => {
    const window = prepended(windowOf(entries(51, 100)), entries(10, 60));
    expect([window.first, window.have, window.entries.length]).toEqual([10, 100, 91]);
  });

  test("refuses an older page that leaves a hole", () => {
    const before = windowOf(entries(51, 100));
    expect(prepended(before, entries(10, 40))).toBe(before);
  });
});

describe("folding the log", () => {
  test("the last edit of a message is what it says", () => {
    const [message] = folded([entry(1), entry(2, "message.edited", { target: 1, text: "second" }), entry(3, "message.edited", { target: 1, text: "third" })]);
    expect(message).toMatchObject({ kind: "message", text: "third", edited: true, retracted: false });
  });

  test("a retracted message has no text, even if it was edited before", () => {
    const [message] = folded([entry(1), entry(2, "message.edited", { target: 1, text: "second" }), entry(3, "message.retracted", { target: 1 })]);
    expect(message).toMatchObject({ text: "", edited: false, retracted: true });
  });

  test("a message read after its retraction comes without text and counts as retracted", () => {
    expect(folded([entry(1, "message.posted", { kind: "text" })])[0]).toMatchObject({ retracted: true, text: "" });
  });

  test("a change of something that is not loaded changes nothing", () => {
    expect(folded([entry(7), entry(8, "message.edited", { target: 3, text: "x" })])).toHaveLength(1);
  });

  test("activity keeps its place, and unknown types are passed over", () => {
    const all = folded([entry(1), entry(2, "conversation.assigned", { assignee: { id: "o", name: "Mina" } }), entry(3, "reaction.added", { target: 1 }), entry(4, "conversation.resolved", {})]);
    expect(all.map((one) => (one.kind === "activity" ? one.what : one.kind))).toEqual(["message", "assigned", "resolved"]);
    expect(all[1]).toMatchObject({ assignee: { id: "o", name: "Mina" } });
  });

  test("notes are a log of their own", () => {
    expect(notesOf([entry(1, "note.posted", { text: "careful" })])).toMatchObject([{ kind: "note", text: "careful" }]);
  });
});
