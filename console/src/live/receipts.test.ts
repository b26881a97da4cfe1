import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Conversation } from "../api/types";
import { delivered, read } from "./receipts";

const asked: unknown[] = [];
beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  vi.stubGlobal("fetch", (path: string, { body }: { body: string }) => {
    asked.push([path.split("/")[4], JSON.parse(body)]);
    return Promise.resolve(new Response("{}", { status: 200 }));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
const conversation = (id: string, seq: number): Conversation =>
  ({ id, last_message: { seq, sender: { kind: "visitor", id: "v", name: null }, text: "", at: 0 }, receipts: { visitor: { delivered: 0, read: 0 }, operator: { delivered: 0, read: 0 } } }) as unknown as Conversation;

test("what is read as it comes is one request", async () => {
  delivered(conversation("a", 3));
  await vi.advanceTimersByTimeAsync(350);
  read(conversation("a", 3), 3);
  await vi.advanceTimersByTimeAsync(2000);
  expect(asked).toEqual([["a", { read: 3 }]]);
});

test("a burst of messages is one delivery, and nothing is told twice", async () => {
  for (const seq of [1, 2, 3]) delivered(conversation("b", seq));
  await vi.advanceTimersByTimeAsync(2000);
  delivered(conversation("b", 3));
  await vi.advanceTimersByTimeAsync(2000);
  expect(asked).toEqual([["b", { delivered: 3 }]]);
});
