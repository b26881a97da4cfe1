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
    expect(message).toMatchObject({ kind: "message", content: { kind: "text", text: "third" }, edited: true, retracted: false });
  });

  test("a retracted message has no text, even if it was edited before", () => {
    const [message] = folded([entry(1), entry(2, "message.edited", { target: 1, text: "second" }), entry(3, "message.retracted", { target: 1 })]);
    expect(message).toMatchObject({ content: { text: "" }, edited: false, retracted: true });
  });

  test("a message read after its retraction comes without text and counts as retracted", () => {
    expect(folded([entry(1, "message.posted", { kind: "text" })])[0]).toMatchObject({ retracted: true, content: { text: "" } });
  });

  test("a change of something that is not loaded changes nothing", () => {
    expect(folded([entry(7), entry(8, "message.edited", { target: 3, text: "x" })])).toHaveLength(1);
  });

  test("activity keeps its place, and unknown types are passed over", () => {
    const all = folded([entry(1), entry(2, "conversation.assigned", { assignee: { id: "o", name: "Mina" } }), entry(3, "reaction.added", { target: 1 }), entry(4, "conversation.resolved", {})]);
    expect(all.map((one) => (one.kind === "activity" ? one.what : one.kind))).toEqual(["message", "assigned", "resolved"]);
    expect(all[1]).toMatchObject({ assignee: { id: "o", name: "Mina" } });
  });

  test("a file and a card are read as what they are, and an unknown kind is not invented", () => {
    const file = { id: "f", name: "a.png", media_type: "image/png", size: 9, width: 4, height: 3 };
    const card = { title: "Coat", text: null, image_url: null, url: "https://a.example", price: "9", buttons: [{ label: "See", url: "https://a.example" }, { label: 1 }] };
    const all = folded([entry(1, "message.posted", { kind: "attachment", attachment: file }), entry(2, "message.posted", { kind: "card", card }), entry(3, "message.posted", { kind: "poll" })]);
    expect(all.map((one) => one.kind === "message" && one.content)).toEqual([
      { kind: "attachment", attachment: file }, { kind: "card", card: { ...card, buttons: [card.buttons[0]] } }, { kind: "text", text: "" },
    ]);
  });

  test("an edit or retraction that is on its way shows before the log has it", () => {
    const pending = new Map([[1, { text: "new" }], [2, { retracted: true as const }]]);
    expect(folded([entry(1), entry(2)], pending)).toMatchObject([{ content: { text: "new" }, edited: true }, { retracted: true }]);
  });

  test("snoozing and ratings are activity", () => {
    expect(folded([entry(1, "conversation.snoozed", { until: 9 }), entry(2, "rating.given", { score: 4, comment: "ok" })])).toMatchObject([{ what: "snoozed", until: 9 }, { what: "rated", score: 4, comment: "ok" }]);
  });

  test("notes are a log of their own", () => {
    expect(notesOf([entry(1, "note.posted", { text: "careful" })])).toMatchObject([{ kind: "note", text: "careful" }]);
  });
});
