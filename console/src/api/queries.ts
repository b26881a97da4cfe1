/** What the console reads, as query options with their cache keys. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, query } from "./client";
import type { Conversation, Counts, Id, Me, OfflineMessage, Operator, Page, Site, Visitor } from "./types";

export const VIEWS = ["queued", "mine", "all", "resolved"] as const;
export type View = (typeof VIEWS)[number];
export const isView = (text: string): text is View => (VIEWS as readonly string[]).includes(text);

const FILTERS: Record<View, { status: string; assignee?: string }> = {
  queued: { status: "open", assignee: "none" },
  mine: { status: "open", assignee: "me" },
  all: { status: "open" },
  resolved: { status: "resolved" },
};

export const meQuery = queryOptions({ queryKey: ["me"], queryFn: () => call<Me>("GET", "/me"), staleTime: 60_000 });

export const operatorsQuery = queryOptions({
  queryKey: ["operators"],
  queryFn: async () => (await call<Page<Operator>>("GET", "/operators?limit=200")).items,
  staleTime: 60_000,
});

export const sitesQuery = queryOptions({
  queryKey: ["sites"],
  queryFn: async () => (await call<Page<Site>>("GET", "/sites?limit=200")).items,
  staleTime: 30_000,
});

export const siteQuery = (id: Id) => queryOptions({ queryKey: ["site", id], queryFn: () => call<Site>("GET", `/sites/${id}`) });

export const countsQuery = queryOptions({
  queryKey: ["counts"],
  queryFn: () => call<Counts>("GET", "/conversations/counts"),
  staleTime: 10_000,
});

export const listQuery = (view: View, site: Id | null) => infiniteQueryOptions({
  queryKey: ["conversations", view, site] as const,
  queryFn: ({ pageParam }) =>
    call<Page<Conversation>>("GET", `/conversations${query({ ...FILTERS[view], site, cursor: pageParam, limit: 50 })}`),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next_cursor,
  staleTime: 30_000,
});

export const conversationQuery = (id: Id) => queryOptions({
  queryKey: ["conversation", id],
  queryFn: () => call<Conversation>("GET", `/conversations/${id}`),
  staleTime: 30_000,
});

export const visitorQuery = (id: Id) => queryOptions({
  queryKey: ["visitor", id], queryFn: () => call<Visitor>("GET", `/visitors/${id}`), staleTime: 15_000,
});

export const visitorConversationsQuery = (id: Id) => queryOptions({
  queryKey: ["visitor-conversations", id],
  queryFn: async () => (await call<Page<Conversation>>("GET", `/visitors/${id}/conversations?limit=20`)).items,
  staleTime: 15_000,
});

export const offlineQuery = infiniteQueryOptions({
  queryKey: ["offline-messages"],
  queryFn: ({ pageParam }) => call<Page<OfflineMessage>>("GET", `/offline-messages${query({ cursor: pageParam, limit: 50 })}`),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next_cursor,
  staleTime: 10_000,
});
