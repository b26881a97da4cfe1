/** Keeps the list still while somebody reads it: rows may change in place, but not move, and newcomers wait above. Pure. */
import type { Conversation, Id, Millis } from "../api/types";

export interface Arranged {
  shown: Conversation[];
  /** Conversations that would stand above where they do now, or are not shown yet. */
  above: number;
}

/** `order` is the order being read; null means nobody minds and the fresh one is shown. */
export function arranged(fresh: readonly Conversation[], order: readonly Id[] | null): Arranged {
  if (order === null) return { shown: [...fresh], above: 0 };
  const place = new Map(order.map((id, index) => [id, index]));
  const known = fresh.filter((one) => place.has(one.id));
  const lowestKnown = fresh.findLastIndex((one) => place.has(one.id));
  const newcomers = fresh.filter((one, index) => !place.has(one.id) && index < lowestKnown);
  // What is below everything known came with the next page: nothing moves when it is appended.
  const appended = fresh.slice(lowestKnown + 1);
  const still = [...known].sort((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0));
  return { shown: [...still, ...appended], above: newcomers.length + risen(known, place) };
}

/**
 * The list with the conversation that one is at, also after it left the list: it stays where it was (`seenAt`, its `updated_at` then)
 * until another is chosen. The list itself where it holds the conversation.
 */
export function withStaying(fresh: readonly Conversation[], staying: Conversation, seenAt: Millis): readonly Conversation[] {
  if (fresh.some((one) => one.id === staying.id)) return fresh;
  const below = fresh.findIndex((one) => one.updated_at <= seenAt);
  return below < 0 ? [...fresh, staying] : fresh.toSpliced(below, 0, staying);
}

/** How many rows overtook one that stood above them. */
function risen(known: readonly Conversation[], place: ReadonlyMap<Id, number>): number {
  let count = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const one of [...known].reverse()) {
    const at = place.get(one.id) ?? 0;
    if (at > least) count += 1;
    least = Math.min(least, at);
  }
  return count;
}
