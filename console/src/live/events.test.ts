import { InfiniteQueryObserver, QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { listQuery } from "../api/queries";
import type { Conversation } from "../api/types";

const { announce } = vi.hoisted(() => ({ announce: vi.fn() }));
vi.mock("./attention", async (original) => ({ ...(await original<object>()), announce }));
const { askAgain } = await import("./events");

test("when the feed begins, what was answered before is asked again, and what nobody looks at or no feed tells of is not", async () => {
  const client = new QueryClient();
  const asked = { me: vi.fn(() => Promise.resolve(1)), tags: vi.fn(() => Promise.resolve(1)), statistics: vi.fn(() => Promise.resolve(1)) };
  for (const [key, queryFn] of Object.entries(asked)) await client.prefetchQuery({ queryKey: [key], queryFn });
  const stop = ["me", "statistics"].map((key) => new QueryObserver(client, { queryKey: [key], queryFn: asked[key as "me"], staleTime: Infinity }).subscribe(() => undefined));
  askAgain(client, "me");
  await vi.waitFor(() => expect(asked.me).toHaveBeenCalledTimes(2));
  expect(asked.tags).toHaveBeenCalledTimes(1);
  expect(asked.statistics).toHaveBeenCalledTimes(1);
  expect(client.getQueryState(["tags"])?.isInvalidated).toBe(true);
  for (const one of stop) one();
});

test("a first answer that was under way when the feed began is followed by a second", async () => {
  const client = new QueryClient();
  const answers: ((value: number) => void)[] = [];
  const queryFn = (): Promise<number> => new Promise((resolve) => answers.push(resolve));
  const stop = new QueryObserver(client, { queryKey: ["me"], queryFn, staleTime: Infinity }).subscribe(() => undefined);
  askAgain(client, "me");
  expect(answers).toHaveLength(1);
  answers[0]!(1);
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]!(2);
  await vi.waitFor(() => expect(client.getQueryData(["me"])).toBe(2));
  stop();
});

test("whoever wrote while there was no feed calls when it is back, and nobody else", async () => {
  const client = new QueryClient();
  const one = (id: string, seq: number, kind: "visitor" | "operator"): Conversation => ({ id, unread: 1, last_message: { seq, sender: { kind, id: "x", name: null } } } as unknown as Conversation);
  const answers = [[one("quiet", 3, "visitor"), one("wrote", 4, "visitor"), one("answered", 2, "visitor")], [one("new", 1, "visitor"), one("quiet", 3, "visitor"), one("wrote", 6, "visitor"), one("answered", 5, "operator")]];
  const query = { ...listQuery("queued"), queryFn: () => Promise.resolve({ items: answers.shift() ?? [], next_cursor: null }) };
  await client.fetchInfiniteQuery(query);
  const stop = new InfiniteQueryObserver(client, { ...query, staleTime: Infinity }).subscribe(() => undefined);
  askAgain(client, "me");
  await vi.waitFor(() => expect(announce).toHaveBeenCalledTimes(2));
  expect(announce.mock.calls.map(([called]) => (called as Conversation).id)).toEqual(["new", "wrote"]);
  stop();
});
