/** Tells the server that visitors' messages reached this console, one request at a time and never twice. */
import { call } from "../api/client";
import type { Conversation, Id } from "../api/types";

const told = new Map<Id, number>();
const waiting = new Map<Id, number>();
let working = false;

export function delivered(conversation: Conversation): void {
  const last = conversation.last_message;
  if (last?.sender.kind !== "visitor") return;
  const known = Math.max(conversation.receipts.operator.delivered, told.get(conversation.id) ?? 0);
  if (last.seq <= known) return;
  told.set(conversation.id, last.seq);
  waiting.set(conversation.id, last.seq);
  void work();
}

async function work(): Promise<void> {
  if (working) return;
  working = true;
  for (let next = waiting.entries().next(); !next.done; next = waiting.entries().next()) {
    const [id, seq] = next.value;
    waiting.delete(id);
    await call("PUT", `/conversations/${id}/receipt`, { body: { delivered: seq } }).catch(() => told.delete(id));
  }
  working = false;
}
