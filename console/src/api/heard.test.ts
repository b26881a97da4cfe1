import { QueryClient } from "@tanstack/react-query";
import { afterEach, expect, test, vi } from "vitest";
import { coverConversation, knownConversation, upsertConversation } from "./conversation-cache";
import { keepHeard, type Heard } from "./heard";
import type { Conversation, Page } from "./types";

const copy = (id: string, last_seq: number, status: Conversation["status"] = "open"): Conversation => ({
  id, channel: `c/${id}`, notes_channel: `n/${id}`, site: { id: "s", name: "Shop" },
  visitor: { id: "v", name: null, email: null, label: "Visitor 4F2A", present: false },
  status, assignee: null, agent_since: null, last_seq, last_note_seq: 0, last_message: null, waiting_since: null, unread: 0,
  receipts: { visitor: { delivered: 0, read: 0 }, operator: { delivered: 0, read: 0 } }, page: null, previous_id: null, tags: [], snoozed_until: null, assigned_at: null, queue_position: null, rating: null, created_at: 0, updated_at: last_seq,
});
const EVERYTHING = { site: null, tag: null, sort: "newest" };
const LIST = ["conversations", "all", EVERYTHING];

let client: QueryClient;
let keeping: Heard;
const recount = vi.fn();
/** The list is asked for; the answer is what it is answered with. */
function ask(key: unknown[] = LIST): (items: Conversation[]) => Promise<unknown> {
  let answer: (page: Page<Conversation>) => void = () => undefined;
  const asking = client.fetchInfiniteQuery({
    queryKey: key, initialPageParam: null, getNextPageParam: () => null,
    queryFn: () => new Promise<Page<Conversation>>((resolve) => { answer = resolve; }),
  });
  return (items) => {
    answer({ items, next_cursor: null } as Page<Conversation>);
    return asking;
  };
}
const listed = (): [string, number][] => {
  const data = client.getQueryData<{ pages: Page<Conversation>[] }>(LIST);
  return data?.pages.flatMap((page) => page.items.map((one): [string, number] => [one.id, one.last_seq])) ?? [];
};
function news(conversation: Conversation): void {
  upsertConversation(client, conversation, "me");
  keeping.hear(conversation.id);
}
function begin(): void {
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  recount.mockClear();
  keeping = keepHeard(client, "me", recount);
}
afterEach(() => {
  keeping.stop();
  client.clear();
});

test("an answer made before a change does not take back what was heard of it", async () => {
  begin();
  await ask()([copy("1", 4), copy("2", 3)]);
  const answer = ask();
  news(copy("1", 5));
  news(copy("2", 4, "resolved"));
  news(copy("3", 1));
  await answer([copy("1", 4), copy("2", 3)]);
  await vi.waitFor(() => expect(listed()).toEqual([["1", 5], ["3", 1]]));
  expect(knownConversation(client, "2")?.status).toBe("resolved");
});

test("an answer that knows more than was heard stays", async () => {
  begin();
  const answer = ask();
  news(copy("1", 5));
  await answer([copy("1", 6)]);
  await vi.waitFor(() => expect(listed()).toEqual([["1", 6]]));
});

test("what was heard before something was asked is not put over its answer", async () => {
  begin();
  news(copy("1", 5));
  await ask()([]);
  expect(listed()).toEqual([]);
});

test("what was done here and is not answered yet stays over an answer that does not know of it", async () => {
  begin();
  await ask()([copy("1", 4), copy("2", 3)]);
  const answer = ask();
  const settle = coverConversation(client, copy("1", 4), "me", { status: "resolved" });
  await answer([copy("1", 4), copy("2", 3)]);
  await vi.waitFor(() => expect(listed()).toEqual([["2", 3]]));
  settle(null);
  expect(listed()).toEqual([["1", 4], ["2", 3]]);
});

test("numbers asked for while something changed are asked for once more", async () => {
  begin();
  await ask(["counts"])([]);
  expect(recount).not.toHaveBeenCalled();
  const answer = ask(["counts"]);
  upsertConversation(client, copy("1", 1), "me");
  keeping.hear("1");
  await answer([]);
  await vi.waitFor(() => expect(recount).toHaveBeenCalledOnce());
});

test("a change heard just after the numbers may be counted twice, so they are asked for once more, and not for every change", async () => {
  begin();
  const answer = ask(["counts"]);
  await answer([]);
  await vi.waitFor(() => expect(client.isFetching()).toBe(0));
  keeping.hear("1");
  keeping.hear("2");
  expect(recount).toHaveBeenCalledOnce();
});
