/** What the operators' channel says, put into the caches. */
import type { InfiniteData, Query, QueryClient } from "@tanstack/react-query";
import i18next from "i18next";
import { changeConversation, knownConversation, onUncertainCounts, upsertConversation } from "../api/conversation-cache";
import { listQuery } from "../api/queries";
import type { Conversation, Counts, Id, OwnDraft, Page, Watermark } from "../api/types";
import { takeDraft } from "../outbox/drafts";
import { toast } from "../shell/Toasts";
import { announce, called, openConversation } from "./attention";
import type { Signal } from "./live";
import { delivered } from "./receipts";
import { fieldsOf } from "./signals";

let countsTimer: ReturnType<typeof setTimeout> | null = null;

/** One fetch of the numbers for a burst of changes; most changes are counted from the feed and need none. */
export function refreshCounts(client: QueryClient, within = 250): void {
  countsTimer ??= setTimeout(() => {
    countsTimer = null;
    void client.invalidateQueries({ queryKey: ["counts"] });
  }, within);
}
onUncertainCounts((client) => refreshCounts(client, 3000));

const fetched: Record<string, string> = {
  "operator.availability_changed": "operators", "operator.changed": "operators", "tag.changed": "tags", "canned_response.changed": "canned-responses",
  "promotion.changed": "promotions", "virtual_agent.changed": "virtual-agent", "crowd.changed": "crowds",
};

/** What the feed keeps true, by the first word of its key: all that the functions below write or ask for again. */
const KEPT_TRUE = new Set([
  ...Object.values(fetched), "me", "site", "sites", "counts", "conversations", "conversation", "visitor-conversations", "visitor", "page-views", "drafts", "offline-messages",
]);
const isKeptTrue = (query: Query): boolean => KEPT_TRUE.has(String(query.queryKey[0]));

type List = InfiniteData<Page<Conversation>> | undefined;
/** What is listed here calls its operator. */
const listsThatCall = (client: QueryClient): List[] => (["queued", "mine"] as const).map((view) => client.getQueryData(listQuery(view).queryKey));

/** The feed begins, or begins anew: what was answered before may be behind it. Whoever wrote meanwhile calls now. */
export function askAgain(client: QueryClient, me: Id): void {
  const before = listsThatCall(client);
  for (const query of client.getQueryCache().findAll({ predicate: isKeptTrue, fetchStatus: "fetching" })) {
    // The first answer to a question is waited for, not asked for anew; it may have been made before the feed began.
    if (query.state.data === undefined) void query.promise?.then(() => client.invalidateQueries({ queryKey: query.queryKey, exact: true }), () => undefined);
  }
  void client.invalidateQueries({ predicate: isKeptTrue }).then(() => listsThatCall(client).forEach((list, at) => {
    if (before[at]) for (const one of wroteBetween(before[at], list)) announce(one, me);
  }));
}

const listed = (list: List): Conversation[] => list?.pages.flatMap((page) => page.items) ?? [];

/** Those of the later list whose visitor wrote since the earlier one. */
function wroteBetween(before: List, after: List): Conversation[] {
  const known = new Map(listed(before).map((one) => [one.id, one.last_message?.seq ?? 0]));
  return listed(after).filter(({ id, last_message: last, unread }) => unread > 0 && last?.sender.kind === "visitor" && last.seq > (known.get(id) ?? 0));
}

/** `hear` is told of every conversation that changed. */
export function handleSignal(client: QueryClient, me: Id, signal: Signal, hear: (id: Id) => void = () => undefined): void {
  const data = fieldsOf(signal.data);
  const again = fetched[signal.type];
  if (again) void client.invalidateQueries({ queryKey: [again] });
  switch (signal.type) {
    case "conversation.changed":
      if (isConversation(data["conversation"])) {
        conversationChanged(client, me, data["conversation"]);
        hear(data["conversation"].id);
      }
      break;
    case "receipt.advanced":
      if (signal.conversation) {
        receiptAdvanced(client, me, signal.conversation, data);
        hear(signal.conversation);
      }
      break;
    case "operator.availability_changed":
    case "operator.changed":
      if (fieldsOf(data["operator"])["id"] === me) void client.invalidateQueries({ queryKey: ["me"] });
      break;
    case "site.changed":
      for (const key of ["sites", "site"]) void client.invalidateQueries({ queryKey: [key] });
      break;
    case "offline_message.received":
      void client.invalidateQueries({ queryKey: ["offline-messages"] });
      client.setQueryData<Counts>(["counts"], (counts) => counts && { ...counts, offline_unread: counts.offline_unread + 1 });
      break;
    case "visitor.presence_changed":
      presenceChanged(client, me, data);
      break;
    case "visitor.changed":
      for (const key of ["visitor", "page-views"]) void client.invalidateQueries({ queryKey: [key, data["visitor_id"]] });
      break;
    case "draft.changed":
      draftChanged(me, signal, data);
      break;
    default:
  }
}

function isConversation(value: unknown): value is Conversation {
  return typeof value === "object" && value !== null && "id" in value && "last_seq" in value;
}

function conversationChanged(client: QueryClient, me: Id, conversation: Conversation): void {
  const held = knownConversation(client, conversation.id);
  upsertConversation(client, conversation, me);
  delivered(conversation);
  givenToMe(held, conversation, me);
  const last = conversation.last_message;
  const wrote = last?.sender.kind === "visitor" && last.seq > (held?.last_message?.seq ?? 0);
  const handedOver = held !== undefined && held.agent_since !== null && conversation.agent_since === null && conversation.assignee === null && conversation.status === "open";
  if (wrote) announce(conversation, me);
  else if (handedOver) called(conversation);
}

/** A colleague, or the queue, gave me a conversation that I am not looking at. */
function givenToMe(held: Conversation | undefined, now: Conversation, me: Id): void {
  if (!held || held.assignee?.id === me || now.assignee?.id !== me || openConversation.get() === now.id) return;
  toast(i18next.t("inbox.given", { name: now.visitor.name ?? now.visitor.label }));
  called(now);
}

function receiptAdvanced(client: QueryClient, me: Id, id: Id, data: Record<string, unknown>): void {
  const side = data["side"] === "visitor" ? "visitor" : "operator";
  const mark = { delivered: Number(data["delivered"] ?? 0), read: Number(data["read"] ?? 0) };
  changeConversation(client, id, me, (held) => ({
    ...held, receipts: { ...held.receipts, [side]: raised(held.receipts[side], mark) },
  }));
}

const raised = (held: Watermark, mark: Watermark): Watermark => ({
  delivered: Math.max(held.delivered, mark.delivered), read: Math.max(held.read, mark.read),
});

/** `data.visitor` is the id, or an object that carries it. */
function presenceChanged(client: QueryClient, me: Id, data: Record<string, unknown>): void {
  const named = data["visitor"] ?? data["visitor_id"];
  const visitor = typeof named === "string" ? named : fieldsOf(named)["id"];
  const flag = data["present"] ?? fieldsOf(named)["present"];
  if (typeof visitor !== "string" || typeof flag !== "boolean") return;
  void client.invalidateQueries({ queryKey: ["visitor", visitor] });
  for (const id of conversationsOf(client, visitor)) {
    changeConversation(client, id, me, (held) => ({ ...held, visitor: { ...held.visitor, present: flag } }));
  }
}

export function conversationsOf(client: QueryClient, visitor: Id): Set<Id> {
  const ids = new Set<Id>();
  for (const [, one] of client.getQueriesData<Conversation>({ queryKey: ["conversation"] })) {
    if (one?.visitor.id === visitor) ids.add(one.id);
  }
  for (const [, data] of client.getQueriesData<InfiniteData<Page<Conversation>>>({ queryKey: ["conversations"] })) {
    for (const page of data?.pages ?? []) for (const one of page.items) if (one.visitor.id === visitor) ids.add(one.id);
  }
  return ids;
}

/** The same operator wrote in another tab or on another device. */
function draftChanged(me: Id, signal: Signal, data: Record<string, unknown>): void {
  const conversation = signal.conversation ?? data["conversation_id"] ?? data["conversation"];
  if (typeof conversation !== "string" || typeof data["text"] !== "string") return;
  const draft: OwnDraft = { conversation_id: conversation, text: data["text"], note: data["note"] === true, updated_at: Number(data["updated_at"] ?? signal.at) };
  takeDraft(me, draft);
}
