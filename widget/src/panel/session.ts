// The panel's controller: what the loader says and what the visitor does become requests and state.

import { createConnection } from '../shared/connection';
import type { Entry, Kept, MessageIn, OfflineIn, ToPanel } from '../shared/port';
import { webSocketLink } from '../shared/websocket';
import type { Answer, Hello, Page, Posted, WireError } from '../shared/wire';
import { openBridge } from './bridge';
import { createFiles, upload, type Files } from './files';
import { httpLink } from './http';
import { createLinks, type Links } from './links';
import { onItsWay } from './queue';
import { createReader } from './reader';
import { createSender } from './sender';
import { ring } from './sound';
import type { Store, View } from './state';
import { tellTyping } from './typing';

export interface Session {
  send(text: string): void;
  resend(id: string): void;
  drop(id: string): void;
  /** Back into the composer, before what is written there already. */
  edit(id: string, text: string): void;
  keep(k: Kept, v: string | null): void;
  typed(text: string): void;
  older(): void;
  leaveMessage(form: { name: string; email: string; text: string }): void;
  anotherMessage(): void;
  files: Files;
  links: Links;
  view(view: View): void;
  /** Who one is and what it is about; null when it was taken. */
  introduce(form: { name: string; email: string; text: string }): Promise<WireError | null>;
  rate(score: number, comment: string): Promise<boolean>;
  /** For what is asked rarely; null: no answer came. */
  request(m: string, p: unknown): Promise<Answer | null>;
  /** Everything about the visitor was deleted: nothing of it stays here. */
  forget(): void;
  /** The visitor closed what was offered. */
  closeOffer(): void;
  close(): void;
}

/** How long the connection may be away before it is worth a word. */
const SAY_LOST = 1500;
/** How long an acknowledged message may stay without its log entry before the log is asked. */
const ENTRY_LATE = 400;

export function startSession(store: Store): Session {
  const time_zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  let identity = { site: '', device: '', language: navigator.language, ticket: null as string | null, visit: '', page: null as Page | null };
  let signed: string | undefined;
  let asked = 0;
  let resting = false;
  let lostTimer = 0;
  let told = '';
  let turn: (() => void) | null = null;
  let shownOn: Page | undefined;

  const hello = (): Hello => {
    const { log } = store.get();
    return { v: 1, ...identity, time_zone, ...(signed && { identity: signed }), ...(log && { after: { [log.conversation]: log.have } }) };
  };

  const connection = createConnection({
    dial: (blocked, on) =>
      blocked ? httpLink('', hello, () => store.get().log, on) : webSocketLink(location.origin.replace('http', 'ws') + '/ws', hello, on),
    welcome(welcome) {
      identity.ticket = welcome.ticket;
      bridge.post({ t: 'welcome', welcome: { ...welcome, entries: [] } });
      reader.welcome(welcome);
    },
    pub: (channel, event) => reader.pub(channel, event),
    tops: (tops) => reader.tops(tops),
    changed(up) {
      if (up === store.get().up) return;
      store.set({ up, ...(!up && { typing: null }) });
      bridge.post({ t: 'live', up });
      watchLoss();
      if (!up) return;
      sender.drain();
      reader.receipts();
      files.drain();
      links.drain();
    },
    forget(code) {
      connection.stop();
      if (code === 4102) signed = undefined;
      else identity.ticket = null;
      bridge.post({ t: 'expired', code });
      return false;
    },
    barred: () => store.set({ refused: true }),
  });

  const request = async (m: string, p: unknown): Promise<Answer | null> => {
    asked++;
    const answer = await connection.request(m, p);
    asked--;
    if (resting && !asked) connection.stop();
    return answer;
  };

  const reader = createReader({
    store,
    request,
    up: connection.up,
    greet: connection.drop,
    moved() {
      const { log, unread } = store.get();
      const place = log && JSON.stringify([log.conversation, log.have, unread]);
      // While the loader is the connected one it knows better.
      if (!log || !place || !connection.up() || place === told) return;
      told = place;
      bridge.post({ t: 'at', conversation: log.conversation, channel: log.channel, have: log.have, unread });
    },
    offered(offer) {
      // A panel that only finishes its outbox is not seen; the page is.
      if (store.get().open) store.set({ offer });
      else bridge.post({ t: 'offer', offer });
    },
    news({ data, sender, at }) {
      bridge.post({ t: 'message', text: String(data.text ?? ''), name: sender?.name ?? null, at });
      if (!store.get().open || document.hidden || !document.hasFocus()) sound();
    },
  });

  const sender = createSender({
    store,
    request,
    put: (entry) => bridge.post({ t: 'put', entry }),
    drop: (id) => bridge.post({ t: 'drop', id }),
    turn: () =>
      new Promise((done) => {
        turn = done;
        bridge.post({ t: 'turn' });
      }),
    done: () => bridge.post({ t: 'done' }),
    acked: (entry, ok) => acked(entry, ok),
  });

  const files = createFiles({
    store,
    send: (file, progress, abort) => upload(file, identity.site, identity.ticket ?? '', progress, abort),
    sent: (attachment, conversation, id) => sender.add('message.post', { conversation, attachment: attachment.id }, attachment, id),
  });
  // A file that was chosen, cancelled or failed changes what may be sent.
  let waitsFor: string | undefined;
  store.subscribe(() => {
    const now = onItsWay(store.get().uploads);
    if (now === waitsFor) return;
    waitsFor = now;
    sender.drain();
  });
  const links = createLinks(store, request);

  const sound = (): void => {
    const { kept, site } = store.get();
    if (!kept.muted && site?.sound !== false) ring();
  };

  const watchLoss = (): void => {
    clearTimeout(lostTimer);
    if (store.get().up || !store.get().open) return store.set({ lost: false });
    lostTimer = window.setTimeout(() => store.set({ lost: true }), SAY_LOST);
  };

  const tell = tellTyping((active, text) => {
    const { conversation } = store.get();
    if (conversation && connection.up()) void request('typing.put', { conversation: conversation.id, active, ...(text && { text }) });
  });

  const keep = (k: Kept, v: string | null): void => {
    store.set({ kept: { ...store.get().kept, [k]: v } });
    bridge.post({ t: 'keep', k, v });
  };

  const logged = (entry: Entry): boolean => !!store.get().log?.entries.some((one) => one.client_message_id === entry.id);

  const outboxChanged = (entries: Entry[], granted: boolean): void => {
    const { outbox, acked, uploads } = store.get();
    const now = new Set(entries.map((entry) => entry.id));
    // Gone without having failed: another tab's message was taken. It stays on the screen until the log brings it.
    const sent = outbox.filter((entry) => !now.has(entry.id) && !entry.err && !acked.some((one) => one.id === entry.id) && !logged(entry));
    // In one step: a file that is up and its message are never both there, nor neither.
    store.set({ outbox: entries, uploads: uploads.filter((one) => !now.has(one.id)), acked: sent.length ? [...acked, ...sent.filter((entry) => entry.m === 'message.post')] : acked });
    if (turn && granted) {
      turn();
      turn = null;
    } else sender.drain(granted);
    if (sent.some((entry) => entry.m === 'offline.post')) offlineTaken(sent.find((entry) => entry.m === 'offline.post')!);
    offlineChanged(entries.find((entry) => entry.m === 'offline.post'));
  };

  const offlineTaken = (entry: Entry): void => store.set({ offline: 'thanks', offlineTo: (entry.p as OfflineIn).email, offlineError: null });

  const offlineChanged = (entry: Entry | undefined): void => {
    if (!entry) return;
    if (!entry.err) return store.set({ offline: 'sending' });
    // Refused: what was typed goes back into the form, and the entry must not be sent again as it is.
    const { name, email, text } = entry.p as OfflineIn;
    store.set({ offline: 'form', offlineError: entry.err });
    keep('offline', JSON.stringify({ name, email }));
    if (!store.get().kept.draft) keep('draft', text);
    bridge.post({ t: 'drop', id: entry.id });
  };

  const acked = (entry: Entry, ok: Record<string, unknown>): void => {
    if (entry.m === 'offline.post') return offlineTaken(entry);
    const { conversation, message } = ok as unknown as Posted;
    const { log, acked: before } = store.get();
    if (!logged(entry)) store.set({ acked: [...before, entry] });
    // Of a known conversation the entry is about to come by itself; a new one may have published it before we knew the channel.
    reader.meet(log?.conversation === conversation.id ? { ...conversation, last_seq: 0 } : conversation);
    setTimeout(() => reader.tops({ [conversation.channel]: message.seq }), ENTRY_LATE);
  };

  const heard = (message: ToPanel): void => {
    if (message.t === 'init') {
      const { site, device, language, mode, kept, outbox } = message;
      identity = { ...identity, site, device };
      store.set({ language, mode, kept, outbox });
      offlineChanged(outbox.find((entry) => entry.m === 'offline.post'));
      store.set({ ready: true });
    } else if (message.t === 'show') {
      shownOn = message.page;
      const opened = message.open && !store.get().open;
      store.set({ open: message.open, focus: store.get().focus + (message.open && message.focus ? 1 : 0), ...(!message.open && { newFrom: null }) });
      if (opened) reader.looked();
      if (!message.open) tell.stop();
      watchLoss();
      reader.receipts();
    } else if (message.t === 'link') link(message);
    else if (message.t === 'outbox') outboxChanged(message.entries, !!message.turn);
    else if (message.t === 'kept') {
      // The loader forwards every change of its storage; what is not ours is left alone.
      if (message.k in store.get().kept) store.set({ kept: { ...store.get().kept, [message.k]: message.v } });
    } else if (message.t === 'sound') sound();
    else if (message.t === 'offer') store.set({ offer: message.offer });
    else if (message.t === 'req') void request(message.m, message.p).then((answer) => bridge.post({ t: 'res', id: message.id, answer }));
  };

  const link = (message: Extract<ToPanel, { t: 'link' }>): void => {
    resting = !message.on;
    if (!message.on) {
      if (!asked) connection.stop();
      return;
    }
    const { ticket, visit, page } = message;
    identity = { ...identity, ticket: ticket ?? identity.ticket, visit, page };
    signed = message.identity;
    if (message.fresh) connection.stop();
    connection.start();
  };

  const bridge = openBridge(heard);

  addEventListener('online', () => connection.kick());
  addEventListener('offline', () => {
    connection.drop();
    store.set({ lost: store.get().open });
  });
  // An open socket keeps the shop's page out of the back/forward cache; coming back, the loader says `link`.
  addEventListener('pagehide', () => connection.stop());
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    reader.looked();
    connection.kick();
    reader.receipts();
    // What was held back while nobody looked.
    sender.drain();
  });

  const send = (text: string): void => {
    sender.add('message.post', { conversation: store.get().conversation?.id ?? null, text } satisfies Omit<MessageIn, 'client_message_id'>);
    tell.stop();
    if (store.get().newFrom !== null) store.set({ newFrom: null });
  };

  return {
    keep,
    files,
    links,
    request,
    send(text) {
      send(text);
      keep('draft', null);
    },
    resend: sender.resend,
    drop: (id) => bridge.post({ t: 'drop', id }),
    edit(id, text) {
      const { draft } = store.get().kept;
      keep('draft', draft ? `${text}\n${draft}` : text);
      bridge.post({ t: 'drop', id });
      store.set({ focus: store.get().focus + 1 });
    },
    typed: (text) => tell.key(text, !!store.get().site?.typing_preview),
    older: () => void reader.older(),
    leaveMessage(form) {
      store.set({ offlineError: null, offline: 'sending' });
      keep('offline', JSON.stringify({ name: form.name, email: form.email }));
      const { product: _, ...page } = shownOn ?? ({} as Page);
      sender.add('offline.post', { ...form, ...(shownOn && { page }) });
      keep('draft', null);
    },
    anotherMessage: () => store.set({ offline: 'form' }),
    view(view) {
      store.set({ view });
      reader.receipts();
    },
    async introduce({ name, email, text }) {
      if (name || email) {
        const answer = await request('visitor.put', { ...(name && { name }), ...(email && { email }) });
        if (!answer) return { code: 'lost', message: '' };
        if (answer.err) return answer.err;
      }
      keep('prechat', '1');
      if (text) send(text);
      keep('draft', null);
      store.set({ focus: store.get().focus + 1 });
      return null;
    },
    async rate(score, comment) {
      const { conversation } = store.get();
      const answer = conversation && (await request('rating.put', { conversation: conversation.id, score, ...(comment && { comment }) }));
      const now = store.get().conversation;
      if (answer?.ok && now?.id === conversation?.id && now) store.set({ conversation: { ...now, rating: { score, comment: comment || null } } });
      return !!answer?.ok;
    },
    forget() {
      bridge.post({ t: 'forget' });
      connection.stop();
      identity.ticket = null;
      reader.forget();
      store.set({ view: 'chat', visitor: null, uploads: [], links: {}, kept: { draft: null, offline: null, muted: null, emoji: null, prechat: null, unrated: null } });
      bridge.post({ t: 'expired', code: 4100 });
    },
    closeOffer: () => store.set({ offer: null }),
    close: () => bridge.post({ t: 'close' }),
  };
}
