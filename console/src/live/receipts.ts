/**
 * Tells the server how far visitors' messages got here. What was delivered and what was read within a moment is one request,
 * one request travels at a time, and nothing is told twice.
 */
import { call } from "../api/client";
import type { Conversation, Id, Watermark } from "../api/types";

/** Longer than reading takes to settle, so that what is looked at is told of once. */
const MOMENT = 600;
const told = new Map<Id, Watermark>();
const waiting = new Map<Id, Watermark>();
let timer: ReturnType<typeof setTimeout> | null = null;
let working = false;

const NONE: Watermark = { delivered: 0, read: 0 };
const raised = (a: Watermark, b: Watermark): Watermark => ({ delivered: Math.max(a.delivered, b.delivered), read: Math.max(a.read, b.read) });

/** A visitor's message is in this console's hands. */
export function delivered(conversation: Conversation): void {
  const last = conversation.last_message;
  if (last?.sender.kind === "visitor") tell(conversation.id, conversation.receipts.operator, { delivered: last.seq, read: 0 });
}

/** Everything up to `seq` has been in front of the operator's eyes. */
export function read(conversation: Conversation, seq: number): void {
  tell(conversation.id, conversation.receipts.operator, { delivered: seq, read: seq });
}

function tell(id: Id, known: Watermark, mark: Watermark): void {
  const done = raised(known, raised(told.get(id) ?? NONE, waiting.get(id) ?? NONE));
  if (mark.delivered <= done.delivered && mark.read <= done.read) return;
  waiting.set(id, raised(waiting.get(id) ?? NONE, mark));
  if (mark.read > 0) flush();
  else timer ??= setTimeout(flush, MOMENT);
}

function flush(): void {
  if (timer) clearTimeout(timer);
  timer = null;
  void work();
}

async function work(): Promise<void> {
  if (working) return;
  working = true;
  for (let next = waiting.entries().next(); !next.done; next = waiting.entries().next()) {
    const [id, mark] = next.value;
    waiting.delete(id);
    const before = told.get(id) ?? NONE;
    told.set(id, raised(before, mark));
    await call("PUT", `/conversations/${id}/receipt`, { body: bodyOf(mark) }).catch(() => told.set(id, before));
  }
  working = false;
}

/** Reading tells of the delivery too. */
const bodyOf = (mark: Watermark): { delivered?: number; read?: number } => ({
  ...(mark.delivered > mark.read ? { delivered: mark.delivered } : {}), ...(mark.read > 0 ? { read: mark.read } : {}),
});
