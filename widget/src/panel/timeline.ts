// From the log and the outbox to what is drawn: messages with their edits and states, activities, days and groups. Pure.

import type { Entry, MessageIn } from '../shared/port';
import type { LogEntry, Watermarks, WireError } from '../shared/wire';
import type { Log } from './log';

export type MessageState = 'sending' | 'stored' | 'delivered' | 'read' | 'failed';

export interface Message {
  kind: 'message';
  key: string;
  seq: number | null;
  at: number;
  side: 'visitor' | 'operator';
  sender: string;
  name: string | null;
  text: string;
  edited: boolean;
  retracted: boolean;
  state: MessageState;
  /** The outbox entry's id, for what can be done about a failure. */
  id: string | null;
  err: WireError | null;
  startsGroup: boolean;
  endsGroup: boolean;
}

export interface Activity {
  kind: 'activity';
  key: string;
  at: number;
  type: 'resolved' | 'reopened' | 'assigned';
  name: string | null;
}

export interface Day {
  kind: 'day';
  key: string;
  at: number;
}

export type Item = Message | Activity | Day;

const GROUP = 2 * 60_000;

function receipt(seq: number, operator: Watermarks): MessageState {
  if (operator.read >= seq) return 'read';
  return operator.delivered >= seq ? 'delivered' : 'stored';
}

/** One log's messages and activities, with later edits and retractions folded into what they are about. */
export function fold(log: Log, operator: Watermarks): (Message | Activity)[] {
  const items: (Message | Activity)[] = [];
  const bySeq = new Map<number, Message>();
  for (const entry of log.entries) {
    const { type, data, at } = entry;
    const key = log.conversation + entry.seq;
    if (type === 'message.posted') {
      const message = posted(entry, key, operator);
      bySeq.set(entry.seq, message);
      items.push(message);
    } else if (type === 'message.edited') {
      const target = bySeq.get(data.target as number);
      if (target && !target.retracted) Object.assign(target, { text: String(data.text ?? ''), edited: true });
    } else if (type === 'message.retracted') {
      const target = bySeq.get(data.target as number);
      if (target) Object.assign(target, { text: '', retracted: true });
    } else if (type === 'conversation.resolved') items.push({ kind: 'activity', key, at, type: 'resolved', name: null });
    else if (type === 'conversation.reopened') items.push({ kind: 'activity', key, at, type: 'reopened', name: null });
    else if (type === 'conversation.assigned') {
      const assignee = data.assignee as { name: string | null } | null;
      if (assignee?.name) items.push({ kind: 'activity', key, at, type: 'assigned', name: assignee.name });
    }
  }
  return items;
}

function posted(entry: LogEntry, key: string, operator: Watermarks): Message {
  const own = entry.sender?.kind === 'visitor';
  const text = entry.data.text;
  return {
    kind: 'message',
    // The same key before and after it was stored, so that the bubble stays the same element.
    key: entry.client_message_id && own ? entry.client_message_id : key,
    seq: entry.seq,
    at: entry.at,
    side: own ? 'visitor' : 'operator',
    sender: entry.sender?.id ?? '',
    name: entry.sender?.name ?? null,
    text: typeof text === 'string' ? text : '',
    // A log read after a retraction carries the entry without its text.
    retracted: typeof text !== 'string',
    edited: false,
    state: own ? receipt(entry.seq, operator) : 'stored',
    id: null,
    err: null,
    startsGroup: true,
    endsGroup: true,
  };
}

/** Messages on their way: `acked` ones are stored, and only their log entry has not come yet. */
export function pending(outbox: Entry[], acked: Entry[], log: Log | null): Message[] {
  const known = new Set(log?.entries.map((entry) => entry.client_message_id));
  const seen = new Set<string>();
  return [...acked, ...outbox]
    .filter((entry) => entry.m === 'message.post' && !known.has(entry.id) && !seen.has(entry.id) && seen.add(entry.id))
    .map((entry) => ({
      kind: 'message',
      key: entry.id,
      seq: null,
      at: entry.at,
      side: 'visitor',
      sender: 'self',
      name: null,
      text: (entry.p as MessageIn).text,
      edited: false,
      retracted: false,
      state: entry.err ? 'failed' : acked.includes(entry) ? 'stored' : 'sending',
      id: entry.id,
      err: entry.err ?? null,
      startsGroup: true,
      endsGroup: true,
    }));
}

/** Adds a line per day and marks where groups begin and end. */
export function arrange(items: (Message | Activity)[]): Item[] {
  const out: Item[] = [];
  let day = '';
  let before: Message | null = null;
  for (const item of items) {
    const today = new Date(item.at).toDateString();
    if (today !== day) {
      day = today;
      out.push({ kind: 'day', key: 'day' + day, at: item.at });
      before = null;
    }
    if (item.kind === 'message') {
      // What is on its way and what has arrived must not share one tick.
      const moving = (one: Message): boolean => one.state === 'sending';
      const same = before && moving(before) === moving(item) && before.side === item.side && (item.side === 'visitor' || before.sender === item.sender);
      if (before && same && item.at - before.at < GROUP) {
        before.endsGroup = false;
        item.startsGroup = false;
      }
      before = item;
    } else before = null;
    out.push(item);
  }
  return out;
}
