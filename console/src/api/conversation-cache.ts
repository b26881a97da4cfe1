/** Puts what is known of a conversation into every cache that shows it. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { belongs, placed } from "./conversation-pages";
import type { View } from "./queries";
import type { Conversation, Id, Page, Watermark } from "./types";

type Pages = InfiniteData<Page<Conversation>, string | null>;

/** The newest copy any cache holds. */
export function knownConversation(client: QueryClient, id: Id): Conversation | undefined {
  const single = client.getQueryData<Conversation>(["conversation", id]);
  if (single) return single;
  for (const [, data] of client.getQueriesData<Pages>({ queryKey: ["conversations"] })) {
    for (const page of data?.pages ?? []) {
      const found = page.items.find((item) => item.id === id);
      if (found) return found;
    }
  }
  return undefined;
}

const higher = (a: Watermark, b: Watermark): Watermark => ({
  delivered: Math.max(a.delivered, b.delivered), read: Math.max(a.read, b.read),
});

/** By the logs first: a server's clock may go back, a log never does. */
export function isOlder(copy: Conversation, than: Conversation): boolean {
  const ahead = copy.last_seq - than.last_seq || copy.last_note_seq - than.last_note_seq || copy.updated_at - than.updated_at;
  return ahead < 0;
}

/** Upserts; an older copy than the one held is not taken, and watermarks never go back. */
export function upsertConversation(client: QueryClient, incoming: Conversation, me: Id): void {
  const held = knownConversation(client, incoming.id);
  if (held && isOlder(incoming, held)) return;
  const conversation = held
    ? {
        ...incoming,
        receipts: {
          visitor: higher(held.receipts.visitor, incoming.receipts.visitor),
          operator: higher(held.receipts.operator, incoming.receipts.operator),
        },
      }
    : incoming;
  write(client, conversation, me);
}

/** Changes the held copy; nothing happens where none is held. */
export function changeConversation(client: QueryClient, id: Id, me: Id, change: (held: Conversation) => Conversation): void {
  const held = knownConversation(client, id);
  if (held) write(client, change(held), me);
}

function write(client: QueryClient, conversation: Conversation, me: Id): void {
  client.setQueryData(["conversation", conversation.id], conversation);
  for (const [key, data] of client.getQueriesData<Pages>({ queryKey: ["conversations"] })) {
    if (!data) continue;
    const shown = belongs(conversation, key[1] as View, key[2] as Id | null, me);
    client.setQueryData<Pages>(key, { ...data, pages: placed(data.pages, conversation, shown) });
  }
  const theirs = client.getQueryData<Conversation[]>(["visitor-conversations", conversation.visitor.id]);
  if (theirs) {
    client.setQueryData(["visitor-conversations", conversation.visitor.id],
      theirs.map((item) => (item.id === conversation.id ? conversation : item)));
  }
}
