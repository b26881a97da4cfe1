/**
 * What the feed tells and what the API answers travel on different ways: an answer made before a change may arrive after the news of it.
 * What was heard while something was being fetched, and what was done here and is not answered yet, is therefore put over each answer again.
 */
import type { InfiniteData, Query, QueryCacheNotifyEvent, QueryClient } from "@tanstack/react-query";
import { coverAgain, coveredIds, knownConversation, upsertConversation } from "./conversation-cache";
import type { Conversation, Id, Page } from "./types";

/** What is written from the feed, by the first word of its key. */
const WRITTEN = new Set(["conversations", "conversation", "visitor-conversations", "counts"]);
const isWritten = (query: Query): boolean => WRITTEN.has(String(query.queryKey[0]));

type Answer = Conversation | Conversation[] | InfiniteData<Page<Conversation>> | undefined;
function conversationsIn(data: unknown): Conversation[] {
  const answer = data as Answer;
  if (answer === undefined) return [];
  if (Array.isArray(answer)) return answer;
  return "pages" in answer ? answer.pages.flatMap((page) => page.items) : [answer];
}

export interface Heard {
  /** A conversation changed, and the caches know. */
  hear: (id: Id) => void;
  stop: () => void;
}

/** A change heard so soon after the numbers may have been in them already. */
const DOUBTFUL = 1500;
/** Where much happens the numbers are always in doubt, and not worth a question each time. */
const NOT_AGAIN = 60_000;

/** `recount` asks for the numbers once more: an answer does not say whether it knew of a change. */
export function keepHeard(client: QueryClient, me: Id, recount: () => void): Heard {
  const heard = new Map<Id, { copy: Conversation; turn: number }>();
  const began = new WeakMap<Query, number>();
  let turn = 0;
  let numbersAt = -Infinity;
  let recountedAt = -Infinity;
  const doubt = (): void => {
    if (Date.now() - recountedAt < NOT_AGAIN) return;
    recountedAt = Date.now();
    recount();
  };
  const isFetching = (): boolean => client.isFetching({ predicate: isWritten }) > 0;
  const answered = (query: Query): void => {
    const since = began.get(query) ?? 0;
    const missed = [...heard.values()].filter((one) => one.turn > since);
    if (query.queryKey[0] === "counts") {
      numbersAt = Date.now();
      if (missed.length > 0) doubt();
    } else {
      const known = new Set([...missed.map(({ copy }) => copy.id), ...coveredIds(client)]);
      // Whichever is newer stays: the answer may know more, also than the copy that lies under what was done here.
      for (const copy of conversationsIn(query.state.data)) if (known.has(copy.id)) upsertConversation(client, copy, me);
      for (const { copy } of missed) upsertConversation(client, copy, me);
      coverAgain(client, me);
    }
    if (!isFetching()) heard.clear();
  };
  const told = (event: QueryCacheNotifyEvent): void => {
    if (event.type !== "updated" || !isWritten(event.query)) return;
    if (event.action.type === "fetch") began.set(event.query, turn);
    // What is written by hand says so.
    else if (event.action.type === "success" && !event.action.manual) answered(event.query);
  };
  return {
    hear: (id) => {
      if (Date.now() - numbersAt < DOUBTFUL) doubt();
      const copy = isFetching() ? knownConversation(client, id) : undefined;
      if (!copy) return;
      turn += 1;
      heard.set(id, { copy, turn });
    },
    stop: client.getQueryCache().subscribe(told),
  };
}
