/** What the console reads, as query options with their cache keys. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, query } from "./client";
import type {
  CannedResponse, Conversation, Counts, Id, Me, OfflineMessage, Operator, OwnDraft, Page, PageView, SearchResult, SharedAttachment, Site, Tag, Visitor,
} from "./types";

export const VIEWS = ["queued", "mine", "all", "snoozed", "resolved"] as const;
export type View = (typeof VIEWS)[number];
export const isView = (text: string): text is View => (VIEWS as readonly string[]).includes(text);

/** What narrows and orders a list. */
export interface Filter { site: Id | null; tag: string | null; sort: Sort }
export type Sort = "newest" | "waiting";
export const EVERYTHING: Filter = { site: null, tag: null, sort: "newest" };

const FILTERS: Record<View, { status: string; assignee?: string }> = {
  queued: { status: "open", assignee: "none" },
  mine: { status: "open", assignee: "me" },
  all: { status: "open" },
  snoozed: { status: "snoozed" },
  resolved: { status: "resolved" },
};

export const meQuery = queryOptions({ queryKey: ["me"], queryFn: () => call<Me>("GET", "/me"), staleTime: 60_000 });

export const operatorsQuery = queryOptions({
  queryKey: ["operators"],
  queryFn: async () => (await call<Page<Operator>>("GET", "/operators")).items,
  staleTime: 60_000,
});

export const sitesQuery = queryOptions({
  queryKey: ["sites"],
  queryFn: async () => (await call<Page<Site>>("GET", "/sites?limit=200")).items,
  staleTime: 30_000,
});

export const siteQuery = (id: Id) => queryOptions({ queryKey: ["site", id], queryFn: () => call<Site>("GET", `/sites/${id}`) });

/** Kept true by what the feed tells (conversation-cache.ts); read again now and then all the same. */
export const countsQuery = queryOptions({
  queryKey: ["counts"],
  queryFn: () => call<Counts>("GET", "/conversations/counts"),
  staleTime: 10_000,
  refetchInterval: 180_000,
});

export const listQuery = (view: View, filter: Filter = EVERYTHING) => infiniteQueryOptions({
  queryKey: ["conversations", view, filter] as const,
  queryFn: ({ pageParam }) => call<Page<Conversation>>("GET", `/conversations${query({
    ...FILTERS[view], site: filter.site, tag: filter.tag, sort: filter.sort === "newest" ? null : filter.sort, cursor: pageParam, limit: 50,
  })}`),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next_cursor,
  staleTime: 30_000,
});

export const conversationQuery = (id: Id) => queryOptions({
  queryKey: ["conversation", id],
  queryFn: () => call<Conversation>("GET", `/conversations/${id}`),
  staleTime: 30_000,
});

export const attachmentsQuery = (id: Id) => queryOptions({
  queryKey: ["attachments", id],
  queryFn: async () => (await call<{ items: SharedAttachment[] }>("GET", `/conversations/${id}/attachments`)).items,
  staleTime: 30_000,
});

export const visitorQuery = (id: Id) => queryOptions({
  queryKey: ["visitor", id], queryFn: () => call<Visitor>("GET", `/visitors/${id}`), staleTime: 15_000,
});

export const pageViewsQuery = (id: Id) => infiniteQueryOptions({
  queryKey: ["page-views", id],
  queryFn: ({ pageParam }) => call<Page<PageView>>("GET", `/visitors/${id}/page-views${query({ cursor: pageParam, limit: 20 })}`),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next_cursor,
  staleTime: 5000,
});

export const visitorConversationsQuery = (id: Id) => queryOptions({
  queryKey: ["visitor-conversations", id],
  queryFn: async () => (await call<Page<Conversation>>("GET", `/visitors/${id}/conversations?limit=20`)).items,
  staleTime: 15_000,
});

export const tagsQuery = queryOptions({
  queryKey: ["tags"], queryFn: async () => (await call<{ items: Tag[] }>("GET", "/tags")).items, staleTime: 60_000,
});

export const cannedQuery = queryOptions({
  queryKey: ["canned-responses"], queryFn: async () => (await call<{ items: CannedResponse[] }>("GET", "/canned-responses")).items, staleTime: 60_000,
});

export const draftsQuery = queryOptions({
  queryKey: ["drafts"], queryFn: async () => (await call<{ items: OwnDraft[] }>("GET", "/me/drafts")).items, staleTime: 30_000,
});

export const searchQuery = (words: string) => infiniteQueryOptions({
  queryKey: ["search", words],
  queryFn: ({ pageParam, signal }) => call<Page<SearchResult>>("GET", `/search${query({ q: words, cursor: pageParam, limit: 20 })}`, { signal }),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next_cursor,
  staleTime: 10_000,
});

export const offlineQuery = infiniteQueryOptions({
  queryKey: ["offline-messages"],
  queryFn: ({ pageParam }) => call<Page<OfflineMessage>>("GET", `/offline-messages${query({ cursor: pageParam, limit: 50 })}`),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next_cursor,
  staleTime: 10_000,
});

