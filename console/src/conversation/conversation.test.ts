import { describe, expect, test } from "vitest";
import type { Message } from "../log/fold";
import type { Outgoing } from "../outbox/outbox";
import { linked, safe } from "./links";
import { sameLine, stateOf, timeline, type Line, type TimelineIn } from "./timeline";
import { deviceOf } from "./user-agent";

const message = (seq: number, kind: "visitor" | "operator", at = seq * 1000): Message =>
  ({ kind: "message", seq, id: `id-${seq}`, clientId: `cm-${seq}`, at, sender: { kind, id: kind, name: null }, content: { kind: "text", text: `t${seq}` }, edited: false, retracted: false });
const built = (more: Partial<TimelineIn>): Line[] =>
  timeline({ folded: [], notes: [], outgoing: [], visitor: { delivered: 0, read: 0 }, unreadAfter: null, me: "operator", ...more });
const outgoing = (id: string, more: Partial<Outgoing> = {}): Outgoing =>
  ({ id, place: id, conversation: "c", lane: "messages", text: id, at: 9000, state: "sending", seq: null, problem: null, ...more });

describe("receipts", () => {
  test("a message is read, delivered or stored by the visitor's watermark", () => {
    const mark = { delivered: 5, read: 3 };
    expect([3, 5, 6].map((seq) => stateOf(seq, mark))).toEqual(["read", "delivered", "stored"]);
  });

  test("only the shop's messages carry them", () => {
    const lines = built({ folded: [message(1, "visitor"), message(2, "operator")], visitor: { delivered: 2, read: 2 } });
    expect(lines.flatMap((line) => (line.kind === "bubble" ? [line.state] : []))).toEqual(["stored", "read"]);
  });
});

describe("drawing again", () => {
  const log = [message(1, "visitor", 1000), message(2, "operator", 2000), message(3, "operator", 3000)];
  const same = (before: Line[], after: Line[]): boolean[] => before.map((line, index) => sameLine(line, after[index] ?? line));

  test("a new message leaves the older lines as they are, but the one it is grouped with", () => {
    const more = [...log.map((one) => ({ ...one })), message(4, "operator", 4000)];
    expect(same(built({ folded: log }), built({ folded: more })).slice(1)).toEqual([true, true, false]);
  });

  test("an edit, a retraction and a receipt are seen", () => {
    const [first, second, third] = log as [Message, Message, Message];
    expect(same(built({ folded: log }), built({ folded: [first, { ...second, content: { kind: "text", text: "other" }, edited: true }, third] })).slice(1)).toEqual([true, false, true]);
    expect(same(built({ folded: log }), built({ folded: [first, second, { ...third, content: { kind: "text", text: "" }, retracted: true }] })).slice(1)).toEqual([true, true, false]);
    expect(same(built({ folded: log }), built({ folded: log, visitor: { delivered: 2, read: 2 } })).slice(1)).toEqual([true, false, true]);
  });
});

describe("the timeline", () => {
  test("groups one author's messages within two minutes", () => {
    const lines = built({ folded: [message(1, "visitor", 1000), message(2, "visitor", 60_000), message(3, "visitor", 200_000), message(4, "operator", 201_000)] });
    expect(lines.flatMap((line) => (line.kind === "bubble" ? [[line.first, line.last]] : []))).toEqual([[true, false], [false, true], [true, true], [true, true]]);
  });

  test("puts the divider above the visitor's first unread message", () => {
    const lines = built({ folded: [message(1, "visitor"), message(2, "operator"), message(3, "visitor")], unreadAfter: 1 });
    expect(lines.map((line) => line.kind)).toEqual(["day", "bubble", "bubble", "divider", "bubble"]);
  });

  test("shows what is on its way last, and not once it is in the log", () => {
    const lines = built({ folded: [message(1, "operator")], outgoing: [outgoing("cm-1"), outgoing("cm-9")] });
    expect(lines.at(-1)).toMatchObject({ kind: "outgoing", key: "cm-9" });
    expect(lines.filter((line) => line.kind === "outgoing")).toHaveLength(1);
  });

  test("keeps the key of a message when it moves from the outbox to the log", () => {
    expect(built({ outgoing: [outgoing("cm-1")] }).at(-1)?.key).toBe(built({ folded: [message(1, "operator")] }).at(-1)?.key);
  });

  test("says which messages wait behind a failed one", () => {
    const lines = built({ outgoing: [outgoing("1", { state: "failed" }), outgoing("2")] });
    expect(lines.flatMap((line) => (line.kind === "outgoing" ? [line.held] : []))).toEqual([false, true]);
  });

  test("puts a note between the messages it was written between", () => {
    const note = { kind: "note" as const, seq: 1, id: "n", clientId: null, at: 1500, sender: { kind: "operator" as const, id: "operator", name: "Mina" }, text: "n" };
    expect(built({ folded: [message(1, "visitor"), message(2, "visitor")], notes: [note] }).map((line) => line.kind)).toEqual(["day", "bubble", "note", "bubble"]);
  });
});

describe("links", () => {
  const hrefs = (text: string): (string | null)[] => linked(text).flatMap((piece) => piece.href ?? []);

  test("only http and https addresses become links", () => {
    expect(hrefs("javascript:alert(1) data:text/html,x ftp://a.b http://a.example https://b.example")).toEqual(["http://a.example/", "https://b.example/"]);
    expect(safe("javascript:alert(1)")).toBeNull();
  });

  test("a sentence's end is not part of an address", () => {
    expect(hrefs("See https://a.example/x. (or https://b.example/y_(z))!")).toEqual(["https://a.example/x", "https://b.example/y_(z)"]);
  });

  test("no character of the text is lost", () => {
    const text = "a https://a.example/?q=<b>\"x\"&c=1, b\nhttps:// c";
    expect(linked(text).map((piece) => piece.text).join("")).toBe(text);
  });
});

test("a device is named coarsely", () => {
  expect(deviceOf("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1")).toEqual({ browser: "Safari", system: "iPhone", phone: true });
  expect(deviceOf("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0")).toEqual({ browser: "Edge", system: "Windows", phone: false });
});
