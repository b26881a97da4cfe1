/** Edits and retractions of one's own messages that the server has not confirmed: shown at once, taken back when refused. */
import type { Id } from "../api/types";
import { createStore } from "../store";

export type PendingChange = { text: string } | { retracted: true };
export type PendingChanges = ReadonlyMap<number, PendingChange>;

const NONE: PendingChanges = new Map();
export const pendingChanges = createStore<Record<Id, PendingChanges>>({});
export const pendingOf = (all: Record<Id, PendingChanges>, conversation: Id): PendingChanges => all[conversation] ?? NONE;

function change(conversation: Id, how: (map: Map<number, PendingChange>) => void): void {
  pendingChanges.set((all) => {
    const next = new Map(pendingOf(all, conversation));
    how(next);
    return { ...all, [conversation]: next };
  });
}

export const showChange = (conversation: Id, seq: number, what: PendingChange): void => change(conversation, (map) => map.set(seq, what));
/** Confirmed and in the log by now, or refused; a later change of the same message stays. */
export const dropChange = (conversation: Id, seq: number, what: PendingChange): void =>
  change(conversation, (map) => { if (map.get(seq) === what) map.delete(seq); });
