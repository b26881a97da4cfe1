/** Turns folded entries, notes and the outbox into the lines of the timeline. Pure. */
import { plainText, type Activity, type Folded, type Message, type Note } from "../log/fold";
import type { Id, Watermark } from "../api/types";
import { isBehind, type Outgoing } from "../outbox/outbox";
import { dayKey } from "../time/format";

export type Side = "operator" | "visitor";
export type BubbleState = "sending" | "stored" | "delivered" | "read" | "failed";
const GROUPED_WITHIN = 120_000;

export interface BubbleLine { kind: "bubble"; key: string; side: Side; message: Message; state: BubbleState; first: boolean; last: boolean }
export interface NoteLine { kind: "note"; key: string; note: Note; first: boolean }
export interface OutgoingLine { kind: "outgoing"; key: string; item: Outgoing; held: boolean; behind: boolean; first: boolean; last: boolean }
export interface ActivityLine { kind: "activity"; key: string; activity: Activity }
export interface DayLine { kind: "day"; key: string; at: number }
export interface DividerLine { kind: "divider"; key: string }
export type Line = BubbleLine | NoteLine | OutgoingLine | ActivityLine | DayLine | DividerLine;

/** Whether a line looks as before, so that one new message draws one bubble and not the whole log again. */
export function sameLine(a: Line, b: Line): boolean {
  if (a === b) return true;
  if (a.kind === "bubble" && b.kind === "bubble") {
    const [one, other] = [a.message, b.message];
    return a.first === b.first && a.last === b.last && a.state === b.state && one.id === other.id && plainText(one.content) === plainText(other.content)
      && one.edited === other.edited && one.retracted === other.retracted;
  }
  if (a.kind === "note" && b.kind === "note") return a.first === b.first && a.note.id === b.note.id && a.note.text === b.note.text;
  if (a.kind === "activity" && b.kind === "activity") return a.activity.id === b.activity.id;
  // Days and dividers are few, and a day is named by how long ago it is; what is in the outbox changes by itself.
  return false;
}

/** Words for how far a message got, by the visitor's watermark. */
export function stateOf(seq: number, visitor: Watermark): "stored" | "delivered" | "read" {
  return seq <= visitor.read ? "read" : seq <= visitor.delivered ? "delivered" : "stored";
}

export const sideOf = (message: Message): Side => (message.sender.kind === "visitor" ? "visitor" : "operator");

export interface TimelineIn {
  folded: readonly Folded[]; notes: readonly Note[]; outgoing: readonly Outgoing[];
  visitor: Watermark;
  /** The divider stands above the first visitor message after this seq; null for none. */
  unreadAfter: number | null;
  me: Id;
  /** The place of the oldest file that was sent and is on its way. */
  uploading?: Id | null;
}

export function timeline(input: TimelineIn): Line[] {
  const logged = new Set([...input.folded, ...input.notes].flatMap((one) => (one.kind !== "activity" && one.clientId ? [one.clientId] : [])));
  const lines: Line[] = [];
  let day = "";
  let divided = input.unreadAfter === null;
  for (const one of merged(input.folded, input.notes)) {
    if (dayKey(one.at) !== day) {
      day = dayKey(one.at);
      lines.push({ kind: "day", key: `day-${day}`, at: one.at });
    }
    const unread = one.kind === "message" && one.sender.kind === "visitor" && one.seq > (input.unreadAfter ?? 0);
    if (!divided && unread) {
      divided = true;
      lines.push({ kind: "divider", key: "divider" });
    }
    lines.push(lineOf(one, input.visitor));
  }
  const waiting = input.outgoing.filter((item) => !logged.has(item.id)).sort((a, b) => (a.place < b.place ? -1 : 1));
  lines.push(...outgoingLines(waiting, input.uploading ?? null));
  return grouped(lines, input.me);
}

function lineOf(one: Folded | Note, visitor: Watermark): Line {
  if (one.kind === "note") return { kind: "note", key: one.clientId ?? one.id, note: one, first: true };
  if (one.kind === "activity") return { kind: "activity", key: one.id, activity: one };
  const side = sideOf(one);
  return { kind: "bubble", key: one.clientId ?? one.id, side, message: one, first: true, last: true, state: side === "operator" ? stateOf(one.seq, visitor) : "stored" };
}

/** Messages keep their order by seq; a note goes before the first message later than it. */
function merged(folded: readonly Folded[], notes: readonly Note[]): (Folded | Note)[] {
  const out: (Folded | Note)[] = [];
  let next = 0;
  // Notes older than the loaded stretch of messages wait until that stretch is loaded.
  const from = folded[0]?.seq === 1 || folded.length === 0 ? 0 : (folded[0]?.at ?? 0);
  const placed = notes.filter((note) => note.at >= from);
  for (const one of folded) {
    for (let note = placed[next]; note && note.at < one.at; note = placed[next]) {
      out.push(note);
      next += 1;
    }
    out.push(one);
  }
  return [...out, ...placed.slice(next)];
}

function outgoingLines(waiting: readonly Outgoing[], uploading: Id | null): OutgoingLine[] {
  const blocked = { messages: false, notes: false };
  return waiting.map((item) => {
    const held = blocked[item.lane] && item.state === "sending";
    if (item.state === "failed") blocked[item.lane] = true;
    return { kind: "outgoing", key: item.id, item, held, behind: isBehind(item, uploading), first: true, last: true };
  });
}

interface Author { id: string; at: number }

function authorOf(line: Line | undefined, me: Id): Author | null {
  if (line?.kind === "bubble") return { id: `m:${line.message.sender.id}`, at: line.message.at };
  if (line?.kind === "note") return { id: `n:${line.note.sender.id}`, at: line.note.at };
  if (line?.kind === "outgoing") return { id: line.item.lane === "notes" ? `n:${me}` : `m:${me}`, at: line.item.at };
  return null;
}

function grouped(lines: readonly Line[], me: Id): Line[] {
  const together = (a: Line | undefined, b: Line | undefined): boolean => {
    const [one, other] = [authorOf(a, me), authorOf(b, me)];
    return one !== null && other !== null && one.id === other.id && Math.abs(other.at - one.at) < GROUPED_WITHIN;
  };
  return lines.map((line, index) => {
    const first = !together(lines[index - 1], line);
    if (line.kind === "note") return { ...line, first };
    if (line.kind === "bubble" || line.kind === "outgoing") return { ...line, first, last: !together(line, lines[index + 1]) };
    return line;
  });
}
