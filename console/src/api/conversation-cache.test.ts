import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { changeConversation, coverConversation, isOlder, knownConversation, upsertConversation } from "./conversation-cache";
import type { Conversation } from "./types";

const copy = (last_seq: number, last_note_seq: number, updated_at: number): Conversation => ({
  id: "1", channel: "c/1", notes_channel: "n/1", site: { id: "s", name: "Shop" },
  visitor: { id: "v", name: null, email: null, label: "Visitor 4F2A", present: false },
  status: "open", assignee: null, agent_since: null, last_seq, last_note_seq, last_message: null, waiting_since: null, unread: 0,
  receipts: { visitor: { delivered: 0, read: 0 }, operator: { delivered: 0, read: 0 } }, page: null, previous_id: null, tags: [], snoozed_until: null, assigned_at: null, queue_position: null, rating: null, created_at: 0, updated_at,
});

test("the log tells which copy is older, and the clock only between equal ones", () => {
  const older = (a: number[], b: number[]): boolean => isOlder(copy(a[0]!, a[1]!, a[2]!), copy(b[0]!, b[1]!, b[2]!));
  expect(older([4, 0, 900], [5, 0, 100])).toBe(true);
  expect(older([5, 0, 100], [4, 0, 900])).toBe(false);
  expect(older([5, 1, 900], [5, 2, 100])).toBe(true);
  expect(older([5, 2, 100], [5, 1, 900])).toBe(false);
  expect(older([5, 2, 100], [5, 2, 900])).toBe(true);
  expect(older([5, 2, 900], [5, 2, 900])).toBe(false);
});

test("a server whose clock went back still changes what is shown", () => {
  const client = new QueryClient();
  upsertConversation(client, copy(4, 0, 900), "me");
  upsertConversation(client, copy(5, 0, 100), "me");
  expect(knownConversation(client, "1")?.last_seq).toBe(5);
  upsertConversation(client, copy(4, 0, 1000), "me");
  expect(knownConversation(client, "1")?.last_seq).toBe(5);
});

test("what was just done stays on the screen while older news comes, and goes when the server refuses", () => {
  const client = new QueryClient();
  upsertConversation(client, copy(4, 0, 100), "me");
  const settle = coverConversation(client, copy(4, 0, 100), "me", { status: "resolved" });
  expect(knownConversation(client, "1")?.status).toBe("resolved");
  upsertConversation(client, { ...copy(5, 0, 200), unread: 1 }, "me");
  changeConversation(client, "1", "me", (held) => ({ ...held, tags: ["vip"] }));
  expect(knownConversation(client, "1")).toMatchObject({ status: "resolved", last_seq: 5, unread: 1 });
  settle(null);
  expect(knownConversation(client, "1")).toMatchObject({ status: "open", last_seq: 5, unread: 1, tags: ["vip"] });
});

test("of two things done at once one refused leaves the other", () => {
  const client = new QueryClient();
  upsertConversation(client, copy(4, 0, 100), "me");
  const [tags, status] = [coverConversation(client, copy(4, 0, 100), "me", { tags: ["a"] }), coverConversation(client, copy(4, 0, 100), "me", { status: "resolved" })];
  tags(null);
  status({ ...copy(5, 0, 200), status: "resolved" });
  expect(knownConversation(client, "1")).toMatchObject({ status: "resolved", tags: [], last_seq: 5 });
});
