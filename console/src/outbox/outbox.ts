/**
 * What was written and is not in the log yet, and in which order it goes out. Pure: PROTOCOL.md section 6 "message.post".
 * A lane is one log of one conversation; within it one message travels at a time, and a failed one holds back those after it.
 */
import type { Attachment, Card, Id, Millis } from "../api/types";

export type Lane = "messages" | "notes";
export interface Outgoing {
  /** The client_message_id. */
  id: Id;
  /** Where it stands in its lane; an edited one keeps the place under a new id. */
  place: Id;
  conversation: Id;
  lane: Lane;
  /** Empty for a file or a card. */
  text: string;
  attachment?: Attachment;
  card?: Card;
  at: Millis;
  state: "sending" | "stored" | "failed";
  seq: number | null;
  problem: string | null;
}

const RETRIED = new Set(["unavailable", "rate_limited", "internal", "network", "timeout"]);

/** Whether the same message is to be sent again by itself. */
export const isRetried = (code: string): boolean => RETRIED.has(code);

/** 1 s doubling to 30 s with jitter, unless the server named a time. `random` is in [0, 1). */
export function retryDelay(attempt: number, retryAfter: number | null, random: number): number {
  if (retryAfter !== null) return retryAfter;
  const span = Math.min(30_000, 1000 * 2 ** attempt);
  return Math.round(span / 2 + (span / 2) * random);
}

const byPlace = (a: Outgoing, b: Outgoing): number => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0);

export const laneKey = (item: Pick<Outgoing, "conversation" | "lane">): string => `${item.lane}:${item.conversation}`;

/** Waiting items of a lane in the order written. */
export function laneOf(box: readonly Outgoing[], key: string): Outgoing[] {
  return box.filter((item) => laneKey(item) === key).sort(byPlace);
}

/** Whether it was written after a file that is still being uploaded, and goes after it. A note says nothing to the visitor, and goes at once. */
export const isBehind = (item: Pick<Outgoing, "lane" | "place">, uploading: Id | null): boolean => uploading !== null && item.lane === "messages" && item.place > uploading;

/** The one to send now: the oldest not stored, unless it failed or waits for the file whose place is `uploading`. */
export function nextOf(box: readonly Outgoing[], key: string, uploading: Id | null = null): Outgoing | null {
  const head = laneOf(box, key).find((item) => item.state !== "stored");
  return head && head.state === "sending" && !isBehind(head, uploading) ? head : null;
}

export function changed(box: readonly Outgoing[], id: Id, change: Partial<Outgoing>): Outgoing[] {
  return box.map((item) => (item.id === id ? { ...item, ...change } : item));
}

export const dropped = (box: readonly Outgoing[], id: Id): Outgoing[] => box.filter((item) => item.id !== id);

/** Without those whose entry has arrived in the log. */
export function settled(box: readonly Outgoing[], key: string, logged: ReadonlySet<Id>): readonly Outgoing[] {
  const left = box.filter((item) => laneKey(item) !== key || !logged.has(item.id));
  return left.length === box.length ? box : left;
}

/** The body of the request that posts it. */
export function bodyOf(item: Outgoing): Record<string, unknown> {
  const content = item.attachment ? { attachment: item.attachment.id } : item.card ? { card: item.card } : { text: item.text };
  return { client_message_id: item.id, ...content };
}
