/** Folds log entries into what a person reads: messages with their edits and retractions applied, and activity. Pure. */
import type { Id, LogEntry, Millis, Person, Sender } from "../api/types";

export interface Message {
  kind: "message"; seq: number; id: Id; clientId: Id | null; at: Millis; sender: Sender;
  text: string; edited: boolean; retracted: boolean;
}
export interface Activity {
  kind: "activity"; seq: number; id: Id; at: Millis; sender: Sender;
  what: "assigned" | "resolved" | "reopened"; assignee: Person | null;
}
export interface Note { kind: "note"; seq: number; id: Id; clientId: Id | null; at: Millis; sender: Sender; text: string }
export type Folded = Message | Activity;

type Fields = Record<string, unknown>;
const fieldsOf = (data: unknown): Fields => (typeof data === "object" && data !== null ? (data as Fields) : {});
const textIn = (data: unknown): string | null => {
  const text = fieldsOf(data)["text"];
  return typeof text === "string" ? text : null;
};
const targetIn = (data: unknown): number | null => {
  const target = fieldsOf(data)["target"];
  return typeof target === "number" ? target : null;
};
const assigneeIn = (data: unknown): Person | null => {
  const assignee = fieldsOf(fieldsOf(data)["assignee"]);
  const { id, name } = assignee;
  return typeof id === "string" && typeof name === "string" ? { id, name } : null;
};

const ACTIVITY: Record<string, Activity["what"]> = {
  "conversation.assigned": "assigned", "conversation.resolved": "resolved", "conversation.reopened": "reopened",
};

/** Entries of a type this console does not know yet are passed over; their seq still counts in the window. */
export function folded(entries: readonly LogEntry[]): Folded[] {
  const changes = changesBySeq(entries);
  const out: Folded[] = [];
  for (const entry of entries) {
    const { seq, id, at, sender } = entry;
    if (entry.type === "message.posted") {
      const change = changes.get(seq);
      const text = textIn(entry.data);
      const retracted = change?.retracted === true || text === null;
      out.push({
        kind: "message", seq, id, at, sender, clientId: entry.client_message_id, retracted,
        text: retracted ? "" : (change?.text ?? text ?? ""), edited: !retracted && change?.text !== undefined,
      });
      continue;
    }
    const what = ACTIVITY[entry.type];
    if (what) out.push({ kind: "activity", seq, id, at, sender, what, assignee: assigneeIn(entry.data) });
  }
  return out;
}

interface Change { text?: string; retracted?: boolean }

function changesBySeq(entries: readonly LogEntry[]): Map<number, Change> {
  const changes = new Map<number, Change>();
  for (const entry of entries) {
    const target = targetIn(entry.data);
    if (target === null) continue;
    if (entry.type === "message.edited") changes.set(target, { ...changes.get(target), text: textIn(entry.data) ?? undefined });
    if (entry.type === "message.retracted") changes.set(target, { retracted: true });
  }
  return changes;
}

export function notesOf(entries: readonly LogEntry[]): Note[] {
  return entries.flatMap((entry) => (entry.type === "note.posted"
    ? [{ kind: "note" as const, seq: entry.seq, id: entry.id, clientId: entry.client_message_id, at: entry.at, sender: entry.sender, text: textIn(entry.data) ?? "" }]
    : []));
}
