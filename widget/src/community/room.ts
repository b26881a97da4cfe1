// The community's controller: joins the crowd, keeps its log whole over lost connections, and sends what is written here, one after the other.

import { createConnection } from '../shared/connection';
import type { FromCommunity, ToCommunity } from '../shared/community-port';
import { webSocketLink } from '../shared/websocket';
import type { Answer, Envelope, Hello, LogEntry, WireError } from '../shared/wire';
import { openBridge } from '../panel/bridge';
import { uuidv7 } from '../panel/ids';
import type { Crowd, Pending, Store } from './state';
import { EMPTY, erase, rename, take } from './stream';

export interface Room {
  /** Sends; the first time only after a name was chosen. */
  say(text: string): void;
  retry(id: string): void;
  drop(id: string): void;
  /** Answers what was wrong with it, or null when everybody sees it. */
  rename(name: string): Promise<WireError | null>;
}

interface Joined {
  crowd: Crowd;
  top: number;
  entries: LogEntry[];
  more: boolean;
  members: number;
  me?: { ids: string[]; name: string | null; identified: boolean; muted: { left_ms: number | null } | null; wait_ms: number };
}

/** How long a connection may be away before it is worth a word. */
const SAY_LOST = 2000;
const NO_ANSWER: WireError = { code: 'unavailable', message: '' };

export function openRoom(store: Store): Room {
  let init: ToCommunity | null = null;
  let lost: ReturnType<typeof setTimeout>;
  let sending = false;
  let filling = false;
  let waiting: ReturnType<typeof setTimeout>;

  const hello = (): Hello => ({
    v: 1, site: init!.site, ticket: init!.ticket, device: init!.device, language: navigator.language, visit: init!.visit, page: null, lite: true,
  });

  const connection = createConnection({
    // Where no socket gets through there is no crowd to be in either: it is tried again and again.
    dial: (_, on) => webSocketLink(location.origin.replace('http', 'ws') + '/ws', hello, on),
    welcome(welcome) {
      store.set({ site: welcome.site, language: welcome.site.language ?? store.get().language });
      void join();
    },
    pub: (channel, event) => heard(channel, event),
    tops(tops) {
      const { crowd, stream } = store.get();
      if (crowd && (tops[crowd.channel] ?? 0) > stream.have) void fill();
    },
    changed(up) {
      clearTimeout(lost);
      store.set({ up, ...(up && { lost: false }) });
      if (!up) lost = setTimeout(() => store.set({ lost: true }), SAY_LOST);
    },
    forget() {
      bridge.post({ t: 'expired', ticket: init!.ticket ?? '' });
      return false;
    },
    barred: () => store.set({ phase: 'closed' }),
  });

  const ask = (m: string, p: unknown): Promise<Answer | null> => connection.request(m, p);

  /** The name of what one wants to be in: a key, or the page. */
  const named = (): Record<string, unknown> => (init!.key ? { key: init!.key } : { page: { url: init!.url, title: init!.title } });

  const join = async (): Promise<void> => {
    const { crowd, stream } = store.get();
    const answer = await ask('crowd.join', { ...named(), ...(crowd && { after: stream.have }) });
    if (!answer) return;
    const { code, retry_after_ms } = answer.err ?? {};
    if (code === 'not_found' || code === 'forbidden' || code === 'invalid' || code === 'conflict') return store.set({ phase: 'closed' });
    if (answer.err) {
      clearTimeout(waiting);
      waiting = setTimeout(() => void join(), retry_after_ms || 3000);
      return;
    }
    let joined = answer.ok as unknown as Joined;
    let before = crowd?.id === joined.crowd.id ? stream : EMPTY;
    if (crowd && (joined.more || crowd.id !== joined.crowd.id)) {
      // Away for longer than anybody scrolls back: what is said now is what matters.
      const again = await ask('crowd.join', named());
      if (!again?.ok) return;
      joined = again.ok as unknown as Joined;
      before = EMPTY;
    }
    const { me } = joined;
    // What the newest entries leave out lies before them, and is not fetched.
    const first = joined.entries[0]?.seq ?? joined.top + 1;
    const from = before === EMPTY ? { lines: [], have: Math.max(0, first - 1) } : before;
    const muted = me?.muted;
    store.set({
      phase: 'open', crowd: joined.crowd, members: joined.members, stream: take(from, joined.entries),
      ...(me && {
        ids: me.ids, name: me.name, identified: me.identified, nextAt: Date.now() + me.wait_ms,
        mutedUntil: muted ? (muted.left_ms === null ? Infinity : Date.now() + muted.left_ms) : 0,
      }),
    });
    settle();
    void drain();
  };

  /** Fetches what is missing, page by page. */
  const fill = async (): Promise<void> => {
    if (filling) return;
    filling = true;
    for (let more = true; more; ) {
      const { crowd, stream } = store.get();
      const answer = await ask('channel.since', { channel: crowd!.channel, after: stream.have });
      if (!answer?.ok) break;
      const page = answer.ok as unknown as { entries: LogEntry[]; more: boolean };
      store.set({ stream: take(store.get().stream, page.entries) });
      more = page.more && page.entries.length > 0;
    }
    filling = false;
    settle();
  };

  const heard = (channel: string, event: Envelope & { crowd?: string }): void => {
    const { crowd, stream } = store.get();
    const { data, seq } = event;
    if (event.type === 'crowd.muted' && data['crowd'] === crowd?.id) {
      const muted = data['muted'] as { left_ms: number | null } | null;
      return store.set({ mutedUntil: muted ? (muted.left_ms === null ? Infinity : Date.now() + muted.left_ms) : 0 });
    }
    if (channel !== crowd?.channel) return;
    if (seq) {
      if (seq > stream.have + 1) return void fill();
      store.set({ stream: take(stream, [event as LogEntry]) });
      return settle();
    }
    if (event.type === 'crowd.counted') store.set({ members: data['members'] as number });
    else if (event.type === 'crowd.changed') {
      const now = data['crowd'] as Crowd;
      // A slow crowd that is slow no more lets everybody go on at once.
      store.set({ crowd: now, ...(!now.slow_mode_s && { nextAt: 0 }) });
    } else if (event.type === 'member.renamed') {
      const { ids, name } = data as { ids: string[]; name: string };
      store.set({ stream: rename(stream, ids, name), ...(ids.some((id) => store.get().ids.includes(id)) && { name }) });
    } else if (event.type === 'member.erased') store.set({ stream: erase(stream, data['ids'] as string[]) });
    else if (event.type === 'crowd.deleted') store.set({ phase: 'closed', crowd: null });
  };

  /** What came back in the log is not on its way any more. */
  const settle = (): void => {
    const { pending, stream } = store.get();
    if (!pending.length) return;
    const there = new Set(stream.lines.map((line) => line.clientId));
    const left = pending.filter((one) => !there.has(one.id));
    if (left.length < pending.length) store.set({ pending: left });
  };

  const drain = async (): Promise<void> => {
    if (sending) return;
    sending = true;
    const told = new Set<string>();
    for (;;) {
      const { pending, crowd, name, up } = store.get();
      const next = pending.find((one) => !one.error && !told.has(one.id));
      if (!next || !crowd || !name || !up) break;
      const answer = await ask('crowd.post', { crowd: crowd.id, client_message_id: next.id, text: next.text });
      // Whether it was done is unknown: the same again after the next welcome.
      if (!answer) break;
      told.add(next.id);
      const { err, ok } = answer;
      if (ok) store.set({ nextAt: Date.now() + Number(ok['wait_ms'] ?? 0) });
      else if (err && !refused(next, err)) break;
    }
    sending = false;
  };

  /** Keeps the reason beside what was refused; false where the same is sent again by itself. */
  const refused = (one: Pending, err: WireError): boolean => {
    const wait = err.retry_after_ms ?? 1000;
    if (err.reason === 'crowd_muted') store.set({ mutedUntil: err.retry_after_ms ? Date.now() + err.retry_after_ms : Infinity });
    if (err.reason === 'slow_mode') store.set({ nextAt: Date.now() + wait });
    if (['rate_limited', 'unavailable', 'internal'].includes(err.code) && wait <= 5000) {
      clearTimeout(waiting);
      waiting = setTimeout(() => void drain(), wait);
      return false;
    }
    if (err.reason === 'name_missing') store.set({ name: null });
    store.set({ pending: store.get().pending.map((other) => (other.id === one.id ? { ...one, error: err } : other)) });
    return true;
  };

  const bridge = openBridge<ToCommunity, FromCommunity>((message) => {
    const before = init;
    init = message;
    store.set({ language: store.get().site?.language ?? message.language });
    if (!message.ticket) return;
    const elsewhere = before && (before.key !== message.key || (!message.key && before.url !== message.url));
    if (elsewhere || (before && before.ticket !== message.ticket)) {
      if (elsewhere) store.set({ phase: 'loading', crowd: null, stream: EMPTY, pending: [], members: 0 });
      connection.drop();
    }
    connection.start();
    connection.kick();
  });

  addEventListener('online', () => connection.drop());
  addEventListener('pagehide', () => connection.stop());
  addEventListener('pageshow', (event) => event.persisted && init?.ticket && connection.start());

  return {
    say(text) {
      store.set({ pending: [...store.get().pending, { id: uuidv7(Date.now()), text, error: null }] });
      void drain();
    },
    retry(id) {
      store.set({ pending: store.get().pending.map((one) => (one.id === id ? { ...one, error: null } : one)) });
      void drain();
    },
    drop: (id) => store.set({ pending: store.get().pending.filter((one) => one.id !== id) }),
    async rename(name) {
      const { crowd } = store.get();
      const answer = crowd && (await ask('crowd.rename', { crowd: crowd.id, name }));
      if (!answer?.ok) return answer?.err ?? NO_ANSWER;
      store.set({ name: answer.ok['name'] as string });
      void drain();
      return null;
    },
  };
}
