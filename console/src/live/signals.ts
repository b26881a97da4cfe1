/** Typing in a conversation: who is at it and, where the shop wants it, with which words; forgotten after 6 s (PROTOCOL.md section 5). */
import type { Id, SenderKind } from "../api/types";
import { createStore } from "../store";
import type { Signal } from "./live";

export interface Typist { kind: SenderKind; id: Id; name: string | null; until: number; text: string | null }
const FORGET_AFTER = 6000;

export const typists = createStore<Record<Id, readonly Typist[]>>({});

type Fields = Record<string, unknown>;
export const fieldsOf = (data: unknown): Fields => (typeof data === "object" && data !== null ? (data as Fields) : {});

/** Handles what a conversation's channels publish beside their logs. */
export function takeSignal(signal: Signal): void {
  if (signal.type !== "typing.changed" || !signal.conversation) return;
  const { participant, active, text } = fieldsOf(signal.data);
  const { id, kind, name } = fieldsOf(participant);
  if (typeof id !== "string" || typeof kind !== "string") return;
  if (active !== true) {
    forget(signal.conversation, id);
    return;
  }
  // The same typing is told twice, to everybody and with its words to operators: the words stay.
  const words = typeof text === "string" && text.trim() !== "" ? text : (typists.get()[signal.conversation]?.find((one) => one.id === id)?.text ?? null);
  const typist: Typist = { id, kind: kind as SenderKind, name: typeof name === "string" ? name : null, until: Date.now() + FORGET_AFTER, text: words };
  change(signal.conversation, (list) => [...list.filter((one) => one.id !== id), typist]);
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
