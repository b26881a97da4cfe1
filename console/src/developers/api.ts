/** What the developers' page reads and writes. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call } from "../api/client";
import type { components } from "../api/schema.gen";
import type { Id, Page } from "../api/types";

type Schemas = components["schemas"];
export type ApiKey = Schemas["ApiKey"];
export type CreatedApiKey = Schemas["CreatedApiKey"];
export type KeyScope = Schemas["KeyScope"];
export type Webhook = Schemas["Webhook"];
export type ChannelApp = Schemas["ChannelApp"];
export type AppMode = Schemas["AppMode"];
export type Delivery = Schemas["WebhookDelivery"];
export type EventKind = Schemas["EventKind"];

export const keysQuery = queryOptions({ queryKey: ["api-keys"], queryFn: async () => (await call<Page<ApiKey>>("GET", "/api-keys")).items });
export const webhooksQuery = queryOptions({ queryKey: ["webhooks"], queryFn: async () => (await call<Page<Webhook>>("GET", "/webhooks")).items, refetchInterval: 15_000 });
export const appsQuery = queryOptions({ queryKey: ["apps"], queryFn: async () => (await call<Page<ChannelApp>>("GET", "/apps")).items });
export const deliveriesQuery = (id: Id) => infiniteQueryOptions({
  queryKey: ["webhooks", id, "deliveries"],
  queryFn: ({ pageParam }) => call<Page<Delivery>>("GET", `/webhooks/${id}/deliveries?limit=20${pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ""}`),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
  refetchInterval: 3_000,
});

export const EVENTS: EventKind[] = [
  "conversation.opened", "conversation.assigned", "conversation.snoozed", "conversation.resolved", "conversation.reopened",
  "message.posted", "message.edited", "message.retracted", "note.posted", "rating.given", "offline_message.received",
];

/** What a key may, area by area; writing includes reading. */
export const AREAS = [
  { name: "conversations", levels: ["read", "write"] }, { name: "visitors", levels: ["read", "write"] }, { name: "settings", levels: ["read", "write"] },
  { name: "automation", levels: ["read", "write"] }, { name: "statistics", levels: ["read"] }, { name: "webhooks", levels: ["read", "write"] }, { name: "sockets", levels: ["use"] },
] as const;
export type AreaName = (typeof AREAS)[number]["name"];
export type Level = "none" | "read" | "write" | "use";

export const scopeOf = (area: AreaName, level: Level): KeyScope[] => (level === "none" ? [] : [(level === "use" ? area : `${area}:${level}`) as KeyScope]);

/** The other way round: what of an area a list of scopes opens. */
export const levelOf = (area: AreaName, scopes: readonly KeyScope[]): Level => {
  const has = (scope: string): boolean => scopes.includes(scope as KeyScope);
  return has(area) ? "use" : has(`${area}:write`) ? "write" : has(`${area}:read`) ? "read" : "none";
};
