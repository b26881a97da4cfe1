/** Folds log entries into what a person reads: messages with their edits and retractions applied, and activity. Pure. */
import type { Attachment, Card, Id, LogEntry, Millis, Person, Sender } from "../api/types";
import type { PendingChanges } from "./changes";

/** What a message says. */
export type Content =
  | { kind: "text"; text: string }
  | { kind: "attachment"; attachment: Attachment }
  | { kind: "card"; card: Card };
export interface Message {
  kind: "message"; seq: number; id: Id; clientId: Id | null; at: Millis; sender: Sender;
  content: Content; edited: boolean; retracted: boolean;
}
export interface Activity {
  kind: "activity"; seq: number; id: Id; at: Millis; sender: Sender;
  what: "assigned" | "resolved" | "reopened" | "snoozed" | "rated" | "handed_over"; assignee: Person | null;
  /** Why it was assigned, reopened or handed over, where the server says. */
  reason: string | null;
  until: Millis | null; score: number | null; comment: string | null;
}
export interface Note { kind: "note"; seq: number; id: Id; clientId: Id | null; at: Millis; sender: Sender; text: string }
export type Folded = Message | Activity;

type Fields = Record<string, unknown>;
const fieldsOf = (data: unknown): Fields => (typeof data === "object" && data !== null ? (data as Fields) : {});
const stringIn = (fields: Fields, name: string): string | null => (typeof fields[name] === "string" ? fields[name] : null);
const numberIn = (fields: Fields, name: string): number | null => (typeof fields[name] === "number" ? fields[name] : null);
const textIn = (data: unknown): string | null => stringIn(fieldsOf(data), "text");
const assigneeIn = (data: unknown): Person | null => {
  const assignee = fieldsOf(fieldsOf(data)["assignee"]);
  const { id, name } = assignee;
  return typeof id === "string" && typeof name === "string" ? { id, name } : null;
};

/** The text of a message, for copying and for one line; a file is called by its name, a card by its title. */
export const plainText = (content: Content): string =>
  content.kind === "text" ? content.text : content.kind === "attachment" ? content.attachment.name : content.card.title;

/** Null where it was taken back, or is of a kind that this console does not know. */
function contentOf(data: unknown): Content | null {
  const fields = fieldsOf(data);
  if (fields["kind"] === "attachment") {
    const file = fieldsOf(fields["attachment"]);
    const [id, name] = [stringIn(file, "id"), stringIn(file, "name")];
    if (id === null || name === null) return null;
    return { kind: "attachment", attachment: {
      id, name, media_type: stringIn(file, "media_type") ?? "application/octet-stream", size: numberIn(file, "size") ?? 0, width: numberIn(file, "width"), height: numberIn(file, "height"),
    } };
  }
  if (fields["kind"] === "card") return cardIn(fieldsOf(fields["card"]));
  const text = textIn(data);
  return text === null ? null : { kind: "text", text };
}

function cardIn(fields: Fields): Content | null {
  const title = stringIn(fields, "title");
  if (title === null) return null;
  const buttons = Array.isArray(fields["buttons"]) ? fields["buttons"].map(fieldsOf) : [];
  return { kind: "card", card: {
    title, text: stringIn(fields, "text"), image_url: stringIn(fields, "image_url"), url: stringIn(fields, "url"), price: stringIn(fields, "price"),
    buttons: buttons.flatMap((button) => {
      const [label, url] = [stringIn(button, "label"), stringIn(button, "url")];
      return label !== null && url !== null ? [{ label, url }] : [];
    }),
  } };
}

const ACTIVITY: Record<string, Activity["what"]> = {
  "conversation.assigned": "assigned", "conversation.resolved": "resolved", "conversation.reopened": "reopened", "conversation.snoozed": "snoozed", "rating.given": "rated", "conversation.handed_over": "handed_over",
};
const TAKEN_BACK: Content = { kind: "text", text: "" };

/** Entries of a type this console does not know yet are passed over; their seq still counts in the window. */
export function folded(entries: readonly LogEntry[], pending?: PendingChanges): Folded[] {
  const changes = changesBySeq(entries, pending);
  const out: Folded[] = [];
  for (const entry of entries) {
    const { seq, id, at, sender } = entry;
    if (entry.type === "message.posted") {
      const change = changes.get(seq);
      const posted = contentOf(entry.data);
      const retracted = change?.retracted === true || posted === null;
      const edited = !retracted && change?.text !== undefined;
      const content = retracted || posted === null ? TAKEN_BACK : edited ? { kind: "text" as const, text: change.text ?? "" } : posted;
      out.push({ kind: "message", seq, id, at, sender, clientId: entry.client_message_id, retracted, content, edited });
      continue;
    }
    const what = ACTIVITY[entry.type];
    if (!what) continue;
    const data = fieldsOf(entry.data);
    out.push({
      kind: "activity", seq, id, at, sender, what, assignee: assigneeIn(data), reason: stringIn(data, "reason"),
      until: numberIn(data, "until"), score: numberIn(data, "score"), comment: stringIn(data, "comment"),
    });
  }
  return out;
}

interface Change { text?: string; retracted?: boolean }

function changesBySeq(entries: readonly LogEntry[], pending: PendingChanges | undefined): Map<number, Change> {
  const changes = new Map<number, Change>();
  for (const entry of entries) {
    const target = numberIn(fieldsOf(entry.data), "target");
    if (target === null) continue;
    if (entry.type === "message.edited") changes.set(target, { ...changes.get(target), text: textIn(entry.data) ?? undefined });
    if (entry.type === "message.retracted") changes.set(target, { retracted: true });
  }
  for (const [seq, change] of pending ?? []) changes.set(seq, { ...changes.get(seq), ...change });
  return changes;
}

export function notesOf(entries: readonly LogEntry[]): Note[] {
  return entries.flatMap((entry) => (entry.type === "note.posted"
    ? [{ kind: "note" as const, seq: entry.seq, id: entry.id, clientId: entry.client_message_id, at: entry.at, sender: entry.sender, text: textIn(entry.data) ?? "" }]
    : []));
}
