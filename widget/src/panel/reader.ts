// Follows the conversation: welcomes, publications and fetched entries go in, the state's log, receipts and typing come out.

import type { Answer, Conversation, Envelope, LogEntry, Offer, Since, Welcome } from '../shared/wire';
import { watchStrays } from '../shared/strays';
import { emptyLog, fromNewest, olderRange, prepend, take } from './log';
import type { Store } from './state';
import { believeTyping } from './typing';

export interface ReaderEnv {
  store: Store;
  request(m: string, p: unknown): Promise<Answer | null>;
  up(): boolean;
  /** Say hello again: something began that only a welcome tells of. */
  greet(): void;
  /** The log, the conversation or the unread count moved on. */
  moved(): void;
  /** The shop offers something. */
  offered(offer: Offer): void;
  /** The shop's side wrote while somebody could listen. */
  news(entry: LogEntry): void;
}

export interface Reader {
  welcome(welcome: Welcome): void;
  pub(channel: string, event: Envelope): void;
  tops(tops: Record<string, number>): void;
  meet(conversation: Conversation): void;
  /** Say what was received and, when somebody looks, read. */
  receipts(): void;
  older(): Promise<void>;
  /** Somebody begins to look: what is unread now is to be marked as new. */
  looked(): void;
  forget(): void;
}

const OLDER = 50;

export function createReader(env: ReaderEnv): Reader {
  const { store } = env;
  let filling = false;
  /** Asked for while it was under way: the answer may come short of it, or be another conversation's. */
  let again = false;
  let looked = false;
  const stray = watchStrays(() => store.get().log?.channel, env.greet);
  const typing = believeTyping((who) => store.set({ typing: who }));

  const absorb = (offered: LogEntry[], live: boolean): boolean => {
    const state = store.get();
    if (!state.log) return false;
    const { log, fresh, hole } = take(state.log, offered);
    if (!fresh.length) return hole;
    let conversation = state.conversation;
    let news: LogEntry | null = null;
    for (const entry of fresh) {
      const { type, data, sender } = entry;
      if (type === 'message.posted' && sender && sender.kind !== 'visitor') {
        news = entry;
        typing.posted(sender.id);
      } else if (conversation) conversation = follow(conversation, type, data);
    }
    const known = new Set(fresh.map((entry) => entry.client_message_id));
    store.set({ log, conversation, acked: state.acked.filter((entry) => !known.has(entry.id)) });
    receipts();
    if (news && live) env.news(news);
    return hole;
  };

  const fill = async (): Promise<void> => {
    again = filling;
    if (filling) return;
    filling = true;
    let more: boolean;
    do {
      more = again = false;
      const log = store.get().log;
      const answer = log && (await env.request('channel.since', { channel: log.channel, after: log.have, limit: 200 }));
      const since = answer?.ok as unknown as Since | undefined;
      // Another conversation may have begun while the answer was on its way.
      if (since && store.get().log?.channel === log?.channel) {
        absorb(since.entries, true);
        more = since.more && since.entries.length > 0;
      }
    } while (more || again);
    filling = false;
  };

  const begin = (conversation: Conversation, entries: LogEntry[], whole: boolean): void => {
    const { log: old, past } = store.get();
    const log = whole
      ? emptyLog(conversation.id, conversation.channel)
      : fromNewest(conversation.id, conversation.channel, entries, conversation.last_seq).log;
    store.set({ conversation, log, past: old?.entries.length ? [...past, old] : past, typing: null });
  };

  const meet = (conversation: Conversation): void => {
    const { conversation: known, log } = store.get();
    if (known && known.id !== conversation.id) {
      // An operator may resolve an older one late; the visitor stays with the latest.
      if (conversation.created_at < known.created_at) return;
      begin(conversation, [], true);
    } else if (!log) begin(conversation, [], true);
    else store.set({ conversation: merge(known, conversation) });
    if (conversation.last_seq > (store.get().log?.have ?? 0)) void fill();
    receipts();
  };

  const receipts = (): void => {
    const { conversation, log, open, view } = store.get();
    if (!conversation || !log) return env.moved();
    const looks = open && !document.hidden && view === 'chat';
    const mine = conversation.receipts.visitor;
    const foreign = log.entries.filter((entry) => entry.type === 'message.posted' && entry.sender?.kind !== 'visitor');
    const last = foreign[foreign.length - 1]?.seq ?? 0;
    // All there is, not only the message: what came after it is nothing unread to another tab.
    const read = looks && last > mine.read ? log.have : mine.read;
    if (looks && looked && env.up()) {
      looked = false;
      if (read > mine.read) store.set({ newFrom: mine.read });
    }
    if (env.up() && (last > mine.delivered || read > mine.read)) {
      const watermarks = { delivered: Math.max(last, read, mine.delivered), read };
      void env.request('receipt.put', { conversation: conversation.id, ...watermarks });
      store.set({ conversation: { ...conversation, receipts: { ...conversation.receipts, visitor: watermarks } } });
    }
    const unread = foreign.filter((entry) => entry.seq > read).length;
    if (unread !== store.get().unread) store.set({ unread });
    env.moved();
  };

  const forget = (): void => store.set({ conversation: null, log: null, past: [], acked: [], unread: 0, newFrom: null, typing: null });

  return {
    meet,
    receipts,
    forget,
    looked: () => void (looked = true),
    welcome({ conversation, entries, visitor, site, limits }) {
      const state = store.get();
      if (state.visitor && state.visitor.id !== visitor.id) forget();
      store.set({ site, visitor, limit: limits?.text ?? state.limit });
      const { log } = store.get();
      if (!conversation) return env.moved();
      if (log?.conversation === conversation.id) {
        store.set({ conversation });
        absorb(entries, true);
      } else begin(conversation, entries, false);
      if (conversation.last_seq > store.get().log!.have) void fill();
      receipts();
    },
    pub(channel, event) {
      const { type, data } = event;
      const { log, conversation, site } = store.get();
      if (type === 'conversation.changed') return meet(data.conversation as Conversation);
      if (type === 'site.availability_changed') return void (site && store.set({ site: { ...site, available: !!data.available, opens_at: Number(data.opens_at) || null } }));
      if (type === 'promotion.offered') return env.offered(data.offer as Offer);
      if (type === 'promotion.withdrawn') {
        const { promotion } = data.withdrawn as { promotion: string };
        return void (store.get().offer?.promotion === promotion && store.set({ offer: null }));
      }
      if (!log || channel !== log.channel) return stray(channel);
      if (event.seq !== undefined) {
        if (absorb([event as LogEntry], true)) void fill();
      } else if (type === 'typing.changed') {
        const who = data.participant as { kind: string; id: string; name: string | null };
        if (who.kind !== 'visitor') typing.heard(who, !!data.active);
      } else if (type === 'receipt.advanced' && conversation) {
        const side = data.side === 'operator' ? 'operator' : 'visitor';
        const marks = { delivered: Number(data.delivered) || 0, read: Number(data.read) || 0 };
        const receiptsNow = { ...conversation.receipts, [side]: marks };
        store.set({ conversation: merge(conversation, { ...conversation, receipts: receiptsNow }) });
        if (side === 'visitor') receipts();
      }
    },
    tops(tops) {
      const { log } = store.get();
      if (log && (tops[log.channel] ?? 0) > log.have) void fill();
      Object.keys(tops).forEach(stray);
    },
    async older() {
      const { log, loadingOlder } = store.get();
      const range = log && olderRange(log, OLDER);
      if (!log || !range || loadingOlder) return;
      store.set({ loadingOlder: true });
      const since = (await env.request('channel.since', { channel: log.channel, ...range }))?.ok as unknown as Since | undefined;
      const now = store.get().log;
      store.set({ loadingOlder: false });
      if (since && now?.channel === log.channel) store.set({ log: prepend(now, since.entries) });
    },
  };
}

function follow(conversation: Conversation, type: string, data: Record<string, unknown>): Conversation {
  if (type === 'conversation.resolved') return { ...conversation, status: 'resolved', queue_position: null };
  if (type === 'conversation.reopened') return { ...conversation, status: 'open' };
  if (type === 'conversation.assigned') return { ...conversation, assignee: data.assignee as Conversation['assignee'] };
  if (type === 'rating.given') return { ...conversation, rating: { score: Number(data.score), comment: (data.comment as string) ?? null } };
  return conversation;
}

/** Watermarks never go back, whichever of two reports comes last. */
function merge(known: Conversation | null, news: Conversation): Conversation {
  if (!known || known.id !== news.id) return news;
  const side = (name: 'visitor' | 'operator') => ({
    delivered: Math.max(known.receipts[name].delivered, news.receipts[name].delivered),
    read: Math.max(known.receipts[name].read, news.receipts[name].read),
  });
  return { ...news, receipts: { visitor: side('visitor'), operator: side('operator') } };
}
