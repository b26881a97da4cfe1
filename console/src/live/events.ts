/** What the operators' channel says, put into the caches. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import i18next from "i18next";
import { knownConversation, upsertConversation, changeConversation } from "../api/conversation-cache";
import type { Conversation, Id, Page, Watermark } from "../api/types";
import { delivered } from "./delivery";
import { announce, muted, openConversation } from "./attention";
import { toast } from "../shell/Toasts";
import { chime } from "./sound";
import type { Signal } from "./live";
import { fieldsOf } from "./signals";

let countsTimer: ReturnType<typeof setTimeout> | null = null;

/** One fetch of the numbers for a burst of changes. */
export function refreshCounts(client: QueryClient): void {
  countsTimer ??= setTimeout(() => {
    countsTimer = null;
    void client.invalidateQueries({ queryKey: ["counts"] });
  }, 250);
}

export function handleSignal(client: QueryClient, me: Id, signal: Signal): void {
  const data = fieldsOf(signal.data);
  switch (signal.type) {
    case "conversation.changed":
      if (isConversation(data["conversation"])) conversationChanged(client, me, data["conversation"]);
      break;
    case "receipt.advanced":
      if (signal.conversation) receiptAdvanced(client, me, signal.conversation, data);
      break;
    case "operator.availability_changed":
      void client.invalidateQueries({ queryKey: ["operators"] });
      void client.invalidateQueries({ queryKey: ["me"] });
      break;
    case "offline_message.received":
      void client.invalidateQueries({ queryKey: ["offline-messages"] });
      refreshCounts(client);
      break;
    case "visitor.presence_changed":
      presenceChanged(client, me, data);
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
  refreshCounts(client);
  delivered(conversation);
  givenToMe(held, conversation, me);
  const last = conversation.last_message;
  if (last?.sender.kind === "visitor" && last.seq > (held?.last_message?.seq ?? 0)) announce(conversation, me);
}

/** A colleague gave me a conversation that I am not looking at. */
function givenToMe(held: Conversation | undefined, now: Conversation, me: Id): void {
  if (!held || held.assignee?.id === me || now.assignee?.id !== me || openConversation.get() === now.id) return;
  toast(i18next.t("inbox.given", { name: now.visitor.name ?? now.visitor.label }));
  if (!muted.get()) chime();
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

function conversationsOf(client: QueryClient, visitor: Id): Set<Id> {
  const ids = new Set<Id>();
  for (const [, one] of client.getQueriesData<Conversation>({ queryKey: ["conversation"] })) {
    if (one?.visitor.id === visitor) ids.add(one.id);
  }
  for (const [, data] of client.getQueriesData<InfiniteData<Page<Conversation>>>({ queryKey: ["conversations"] })) {
    for (const page of data?.pages ?? []) for (const one of page.items) if (one.visitor.id === visitor) ids.add(one.id);
  }
  return ids;
}
