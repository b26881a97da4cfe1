import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { askAgain } from "./events";

test("when the feed begins, what was answered before is asked again, and what nobody looks at or no feed tells of is not", async () => {
  const client = new QueryClient();
  const asked = { me: vi.fn(() => Promise.resolve(1)), tags: vi.fn(() => Promise.resolve(1)), statistics: vi.fn(() => Promise.resolve(1)) };
  for (const [key, queryFn] of Object.entries(asked)) await client.prefetchQuery({ queryKey: [key], queryFn });
  const stop = ["me", "statistics"].map((key) => new QueryObserver(client, { queryKey: [key], queryFn: asked[key as "me"], staleTime: Infinity }).subscribe(() => undefined));
  askAgain(client);
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
  askAgain(client);
  expect(answers).toHaveLength(1);
  answers[0]!(1);
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]!(2);
  await vi.waitFor(() => expect(client.getQueryData(["me"])).toBe(2));
  stop();
});
