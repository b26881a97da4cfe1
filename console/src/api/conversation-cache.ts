/** Puts what is known of a conversation into every cache that shows it, and what this operator just did on top of it until the server has answered. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { belongs, counted, placed } from "./conversation-pages";
import type { Filter, View } from "./queries";
import type { Conversation, Counts, Id, Page, Watermark } from "./types";

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

/** What was done here and is not answered yet, over what the server said last. */
interface Overlay { base: Conversation; patches: Map<number, Partial<Conversation>> }
const overlays = new WeakMap<QueryClient, Map<Id, Overlay>>();
let lastPatch = 0;

function overlaysOf(client: QueryClient): Map<Id, Overlay> {
  const held = overlays.get(client) ?? new Map<Id, Overlay>();
  overlays.set(client, held);
  return held;
}
const covered = ({ base, patches }: Overlay): Conversation => Object.assign({}, base, ...patches.values()) as Conversation;

/** Upserts; an older copy than the one held is not taken, and watermarks never go back. */
export function upsertConversation(client: QueryClient, incoming: Conversation, me: Id): void {
  const overlay = overlaysOf(client).get(incoming.id);
  const held = overlay?.base ?? knownConversation(client, incoming.id);
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
  if (overlay) overlay.base = conversation;
  write(client, overlay ? covered(overlay) : conversation, me);
}

/** Changes the held copy; nothing happens where none is held. */
export function changeConversation(client: QueryClient, id: Id, me: Id, change: (held: Conversation) => Conversation): void {
  const overlay = overlaysOf(client).get(id);
  if (overlay) {
    overlay.base = change(overlay.base);
    write(client, covered(overlay), me);
    return;
  }
  const held = knownConversation(client, id);
  if (held) write(client, change(held), me);
}

/**
 * Shows a change before the server has it. The answer is what to call once the server has answered: with the saved conversation, or
 * with null to take the change back. What comes from elsewhere meanwhile is kept beneath.
 */
export function coverConversation(client: QueryClient, conversation: Conversation, me: Id, patch: Partial<Conversation>): (saved: Conversation | null) => void {
  const { id } = conversation;
  const all = overlaysOf(client);
  const overlay = all.get(id) ?? { base: knownConversation(client, id) ?? conversation, patches: new Map() };
  all.set(id, overlay);
  lastPatch += 1;
  const key = lastPatch;
  overlay.patches.set(key, patch);
  write(client, covered(overlay), me);
  return (saved) => {
    overlay.patches.delete(key);
    if (overlay.patches.size === 0) all.delete(id);
    if (saved && !isOlder(saved, overlay.base)) overlay.base = { ...saved, receipts: overlay.base.receipts };
    write(client, covered(overlay), me);
  };
}

/** Where something was done here that is not answered yet. */
export const coveredIds = (client: QueryClient): Id[] => [...overlaysOf(client).keys()];

/** Shows what was done here and is not answered yet, over whatever was written meanwhile. */
export function coverAgain(client: QueryClient, me: Id): void {
  for (const overlay of overlaysOf(client).values()) write(client, covered(overlay), me);
}

/** A conversation nobody here has seen, and not because it has just begun. */
const isUnknown = (before: Conversation | undefined, now: Conversation): boolean => before === undefined && now.last_seq > 1;

const uncertain = new Set<(client: QueryClient) => void>();
/** Calls back when the numbers cannot be told from what is known here and have to be asked for. */
export function onUncertainCounts(listener: (client: QueryClient) => void): () => void {
  uncertain.add(listener);
  return () => uncertain.delete(listener);
}

function write(client: QueryClient, conversation: Conversation, me: Id): void {
  const before = knownConversation(client, conversation.id);
  if (isUnknown(before, conversation)) for (const listener of uncertain) listener(client);
  else client.setQueryData<Counts>(["counts"], (counts) => counts && counted(counts, before ?? null, conversation, me));
  client.setQueryData(["conversation", conversation.id], conversation);
  for (const [key, data] of client.getQueriesData<Pages>({ queryKey: ["conversations"] })) {
    if (!data) continue;
    const filter = key[2] as Filter;
    const shown = belongs(conversation, key[1] as View, filter, me);
    client.setQueryData<Pages>(key, { ...data, pages: placed(data.pages, conversation, shown, filter.sort) });
  }
  const theirs = client.getQueryData<Conversation[]>(["visitor-conversations", conversation.visitor.id]);
  if (theirs) {
    client.setQueryData(["visitor-conversations", conversation.visitor.id],
      theirs.map((item) => (item.id === conversation.id ? conversation : item)));
  }
}
