/** What is typed and not sent, per conversation and lane, kept across reloads. */
import type { Id } from "../api/types";
import type { Lane } from "./outbox";

const key = (operator: Id, conversation: Id, lane: Lane): string => `stalk.draft.${operator}.${lane}.${conversation}`;

export function draftOf(operator: Id, conversation: Id, lane: Lane): string {
  return localStorage.getItem(key(operator, conversation, lane)) ?? "";
}

export function keepDraft(operator: Id, conversation: Id, lane: Lane, text: string): void {
  try {
    if (text === "") localStorage.removeItem(key(operator, conversation, lane));
    else localStorage.setItem(key(operator, conversation, lane), text);
  } catch {
    // Storage full or blocked: the text stays on the screen.
  }
}
