/** Typing in a conversation: who is at it, forgotten after 6 s (PROTOCOL.md section 5). */
import type { Id, SenderKind } from "../api/types";
import { createStore } from "../store";
import type { Signal } from "./live";

export interface Typist { kind: SenderKind; id: Id; name: string | null; until: number }
const FORGET_AFTER = 6000;

export const typists = createStore<Record<Id, readonly Typist[]>>({});

type Fields = Record<string, unknown>;
export const fieldsOf = (data: unknown): Fields => (typeof data === "object" && data !== null ? (data as Fields) : {});

/** Handles what a conversation's channel publishes beside its log. */
export function takeSignal(signal: Signal): void {
  if (signal.type !== "typing.changed" || !signal.conversation) return;
  const { participant, active } = fieldsOf(signal.data);
  const { id, kind, name } = fieldsOf(participant);
  if (typeof id !== "string" || typeof kind !== "string") return;
  forget(signal.conversation, id);
  if (active !== true) return;
  const typist: Typist = { id, kind: kind as SenderKind, name: typeof name === "string" ? name : null, until: Date.now() + FORGET_AFTER };
  change(signal.conversation, (list) => [...list, typist]);
  const conversation = signal.conversation;
  setTimeout(() => change(conversation, (list) => list.filter((one) => one.until > Date.now())), FORGET_AFTER + 50);
}

/** Whoever's message arrived is not typing it any more. */
export function forget(conversation: Id, participant: Id): void {
  change(conversation, (list) => (list.some((one) => one.id === participant) ? list.filter((one) => one.id !== participant) : list));
}

function change(conversation: Id, how: (list: readonly Typist[]) => readonly Typist[]): void {
  typists.set((all) => {
    const before = all[conversation] ?? [];
    const after = how(before);
    return after === before ? all : { ...all, [conversation]: after };
  });
}
