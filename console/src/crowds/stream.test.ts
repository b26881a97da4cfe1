import { expect, test } from "vitest";
import type { LogEntry } from "../api/types";
import { beginning, erased, MOST, renamed, take } from "./stream";

const said = (seq: number, text = `message ${String(seq)}`, sender = "mina"): LogEntry =>
  ({ v: 1, id: `id-${String(seq)}`, type: "message.posted", at: seq, seq, sender: { kind: "visitor", id: sender, name: sender }, data: { kind: "text", text } }) as unknown as LogEntry;
const deleted = (seq: number, target: number): LogEntry => ({ ...said(seq), type: "message.retracted", data: { target } }) as unknown as LogEntry;

test("entries are taken once, in order, and never over a hole", () => {
  let stream = take(beginning(4), [said(5), said(6), said(6), said(8)]);
  expect([stream.have, stream.lines.length]).toEqual([6, 2]);
  stream = take(stream, [said(7), said(8)]);
  expect([stream.have, stream.lines.length]).toEqual([8, 4]);
  expect(take(stream, [said(3)])).toBe(stream);
});

test("what was deleted is gone from where it stood, and is no line of its own", () => {
  const stream = take(beginning(0), [said(1), said(2), deleted(3, 1)]);
  expect(stream.lines.map((line) => line.text)).toEqual([null, "message 2"]);
});

test("a new name is that of everything somebody said, and who was erased has none", () => {
  const stream = take(beginning(0), [said(1), said(2, "hi", "jonas"), said(3)]);
  expect(renamed(stream, ["mina"], "Mina P.").lines.map((line) => line.sender.name)).toEqual(["Mina P.", "jonas", "Mina P."]);
  expect(erased(stream, ["mina"]).lines.map((line) => line.text)).toEqual([null, "hi", null]);
});

test("only the newest are kept", () => {
  const many = Array.from({ length: MOST + 50 }, (_, i) => said(i + 1));
  expect(take(beginning(0), many).lines.at(0)?.seq).toBe(51);
});
