// From the log and the outbox to what is drawn: messages with their edits and states, activities, days and groups. Pure.

import type { Entry, MessageIn } from '../shared/port';
import type { Attachment, Card, LogEntry, Watermarks, WireError } from '../shared/wire';
import type { Log } from './log';
import { onItsWay } from './queue';
import type { Upload } from './state';

export type MessageState = 'sending' | 'stored' | 'delivered' | 'read' | 'failed';

export interface Message {
  kind: 'message';
  key: string;
  seq: number | null;
  at: number;
  conversation: string;
  side: 'visitor' | 'operator';
  sender: string;
  name: string | null;
  /** Answered by rules, and nobody may take it for a person's. */
  automatic: boolean;
  text: string;
  attachment: Attachment | null;
  card: Card | null;
  /** Labels to answer with by one press. */
  quick: { label: string }[] | null;
  edited: boolean;
  retracted: boolean;
  state: MessageState;
  /** The outbox entry's or the upload's id, for what can be done about it. */
  id: string | null;
  /** Its file is still on the way. */
  upload: Upload | null;
  /** It waits for a file that was sent before it. */
  behind: boolean;
  err: WireError | null;
  startsGroup: boolean;
  endsGroup: boolean;
}

export interface Activity {
  kind: 'activity';
  key: string;
  at: number;
  type: 'resolved' | 'reopened' | 'assigned' | 'rated' | 'handedOver';
  name: string | null;
  score: number;
}

export interface Day {
  kind: 'day';
  key: string;
  at: number;
}

/** Everything below was unread when the panel was opened. */
export interface Unread {
  kind: 'unread';
  key: string;
  at: number;
}

export type Item = Message | Activity | Day | Unread;

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
    const note = (what: Activity['type'], name: string | null = null, score = 0): void =>
      void items.push({ kind: 'activity', key, at, type: what, name, score });
    if (type === 'message.posted') {
      const message = posted(entry, log.conversation, key, operator);
      bySeq.set(entry.seq, message);
      items.push(message);
    } else if (type === 'message.edited') {
      const target = bySeq.get(data.target as number);
      if (target && !target.retracted) Object.assign(target, { text: String(data.text ?? ''), edited: true });
    } else if (type === 'message.retracted') {
      const target = bySeq.get(data.target as number);
      if (target) Object.assign(target, { text: '', attachment: null, card: null, quick: null, retracted: true });
    } else if (type === 'conversation.resolved') note('resolved');
    else if (type === 'conversation.reopened') note('reopened');
    else if (type === 'conversation.handed_over') note('handedOver');
    else if (type === 'conversation.assigned') {
      const assignee = data.assignee as { name: string | null } | null;
      if (assignee?.name) note('assigned', assignee.name);
    } else if (type === 'rating.given') {
      // Given again, it replaces.
      const before = items.findIndex((item) => item.kind === 'activity' && item.type === 'rated');
      if (before >= 0) items.splice(before, 1);
      note('rated', null, Number(data.score) || 0);
    }
  }
  return items;
}

const BLANK = {
  kind: 'message',
  seq: null,
  automatic: false,
  text: '',
  attachment: null,
  card: null,
  quick: null,
  edited: false,
  retracted: false,
  id: null,
  upload: null,
  behind: false,
  err: null,
  startsGroup: true,
  endsGroup: true,
} as const;

function posted(entry: LogEntry, conversation: string, key: string, operator: Watermarks): Message {
  const own = entry.sender?.kind === 'visitor';
  const { kind, text, attachment, card, quick_replies } = entry.data as { kind?: string; text?: unknown } & Record<string, never>;
  return {
    ...BLANK,
    // The same key before and after it was stored, so that the bubble stays the same element.
    key: entry.client_message_id && own ? entry.client_message_id : key,
    seq: entry.seq,
    at: entry.at,
    conversation,
    side: own ? 'visitor' : 'operator',
    sender: entry.sender?.id ?? '',
    name: entry.sender?.name ?? null,
    automatic: entry.sender?.kind === 'virtual_agent',
    text: typeof text === 'string' ? text : '',
    attachment: kind === 'attachment' ? (attachment ?? null) : null,
    card: kind === 'card' ? (card ?? null) : null,
    quick: quick_replies ?? null,
    // A log read after a retraction carries the entry without what it said.
    retracted: kind === 'retracted' || (typeof text !== 'string' && !attachment && !card),
    state: own ? receipt(entry.seq, operator) : 'stored',
  };
}

/** Messages on their way: `acked` ones are stored, and only their log entry has not come yet. */
export function pending(outbox: Entry[], acked: Entry[], uploads: Upload[], log: Log | null): Message[] {
  const known = new Set(log?.entries.map((entry) => entry.client_message_id));
  const seen = new Set<string>();
  const uploading = onItsWay(uploads);
  const own = { ...BLANK, conversation: log?.conversation ?? '', side: 'visitor', sender: 'self', name: null } as const;
  const written = [...acked, ...outbox]
    .filter((entry) => entry.m === 'message.post' && !known.has(entry.id) && !seen.has(entry.id) && seen.add(entry.id))
    .map((entry): Message => ({
      ...own,
      key: entry.id,
      at: entry.at,
      text: (entry.p as MessageIn).text ?? '',
      attachment: entry.show ?? null,
      state: entry.err ? 'failed' : acked.includes(entry) ? 'stored' : 'sending',
      id: entry.id,
      behind: !!uploading && entry.id > uploading,
      err: entry.err ?? null,
    }));
  const files = uploads.map((upload): Message => ({
    ...own,
    key: upload.id,
    at: upload.at,
    attachment: { id: upload.id, name: upload.name, media_type: upload.media_type, size: upload.size },
    upload,
    state: upload.err ? 'failed' : 'sending',
    id: upload.id,
    err: upload.err,
  }));
  return [...written, ...files].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Adds a line per day, one before what is new, and marks where groups begin and end. */
export function arrange(items: (Message | Activity)[], newFrom: number | null = null, conversation = ''): Item[] {
  const out: Item[] = [];
  let day = '';
  let before: Message | null = null;
  let marked = newFrom === null;
  for (const item of items) {
    const today = new Date(item.at).toDateString();
    if (today !== day) {
      day = today;
      out.push({ kind: 'day', key: 'day' + day, at: item.at });
      before = null;
    }
    if (!marked && item.kind === 'message' && item.side === 'operator' && item.conversation === conversation && item.seq! > newFrom!) {
      marked = true;
      out.push({ kind: 'unread', key: 'unread', at: item.at });
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

/** Puts the objects of the last time where nothing in them has changed, so that what is drawn from them can stay as it is. */
export function steady(before: Item[], now: Item[]): Item[] {
  const known = new Map(before.map((item) => [item.key, item]));
  return now.map((item) => {
    const old = known.get(item.key);
    return old && same(old, item) ? old : item;
  });
}

function same(a: Item, b: Item): boolean {
  return (Object.keys(b) as (keyof Item)[]).every((field) => a[field] === b[field]);
}
