// The loader: one global `stalk`, the launcher, the visitor's identity and outbox, and a connection while the panel has none.
// Map: config (snippet) · storage · follower (unread) · sender (outbox) · launcher and frame (what is shown) · pages.

import { createConnection } from '../shared/connection';
import { uuidv7 } from '../shared/ids';
import type { Kept, ToLoader } from '../shared/port';
import type { Answer, Conversation, Hello, Site, Welcome } from '../shared/wire';
import { readConfig } from './config';
import { createFollower } from './follower';
import { createFrame, type Frame } from './frame';
import { createLauncher } from './launcher';
import { currentPage, watchPages } from './pages';
import { createSender } from './sender';
import { openStore } from './storage';
import { webSocketLink } from './websocket';

type Stalk = ((...args: unknown[]) => void) & { q?: ArrayLike<unknown>[]; v?: number };
type Command = (...args: never[]) => void;

const KEPT: Kept[] = ['draft', 'offline', 'muted'];
const MINUTE = 60000;

function boot(base: string, site: string): void {
  const global = window as unknown as { stalk?: Stalk };
  const queued = global.stalk?.q;
  const prefix = `stalk:${site}:`;
  const store = openStore(prefix);
  const listeners: Record<string, Set<Command>> = {};
  const asking = new Map<number, (answer: Answer | null) => void>();

  let settings: Site | undefined;
  let latest: Welcome | null = null;
  let frame: Frame | undefined;
  let asked: string | null = null;
  let visitor: string | null = null;
  let open = false;
  let shown = true;
  let asleep = false;
  let fallback = false;
  let panelUp = false;
  let nap = 0;
  let asks = 0;

  const emit = (name: string, value?: unknown): void => listeners[name]?.forEach((listener) => (listener as (v: unknown) => void)(value));

  const own = (key: string): string => {
    const value = store.get(key) || uuidv7(Date.now());
    store.set(key, value);
    return value;
  };

  /** A visit ends with 30 idle minutes. */
  const visit = (): string => {
    const [id, at] = (store.get('visit') || '').split(' ');
    const now = Date.now();
    const current = id && now - +at! < 30 * MINUTE ? id : uuidv7(now);
    store.set('visit', current + ' ' + now);
    return current;
  };

  const language = (): string => settings?.language || document.documentElement.lang || navigator.language;

  const hello = (): Hello => {
    const { at } = follower;
    asked = store.get('ticket');
    return {
      v: 1, site, ticket: asked, device: own('device'), language: language(), visit: visit(), page: currentPage(),
      ...(at && { after: { [at.id]: at.have } }),
    };
  };

  const adopt = (welcome: Welcome): boolean => {
    const known = store.get('ticket');
    // Two tabs met the site at the same moment: whoever wrote first is the visitor.
    if (!asked && known && known !== welcome.ticket && !panelUp) {
      connection.drop();
      return false;
    }
    store.set('visitor', (visitor = welcome.visitor.id));
    store.set('ticket', welcome.ticket);
    store.set('site', JSON.stringify((settings = welcome.site)));
    return true;
  };

  const connection = createConnection({
    dial(blocked, on) {
      // Where sockets are blocked the panel's fetch on its own origin is the way out, also while the panel is closed.
      fallback = blocked;
      if (!blocked) return webSocketLink(base.replace('http', 'ws') + '/ws', hello, on);
      ensureFrame().retry();
      sync();
    },
    welcome(welcome) {
      if (!adopt(welcome)) return;
      latest = welcome;
      follower.welcome(welcome);
    },
    pub: (channel, event) => follower.pub(channel, event),
    tops: (tops) => follower.tops(tops),
    changed(up) {
      if (!up) return;
      frame?.retry();
      sync();
      sender.drain();
    },
    forget() {
      // Another tab may hold a newer one already.
      if (store.get('ticket') === asked) store.set('ticket', null);
      follower.forget();
      return true;
    },
    refused(code) {
      console.warn('stalk: refused with ' + code);
      shutdown();
    },
  });

  const viaPanel = (m: string, p: unknown): Promise<Answer | null> =>
    new Promise((resolve) => {
      const id = ++asks;
      asking.set(id, resolve);
      frame!.post({ t: 'req', id, m, p });
      // The panel gives up after 4 s by itself; this is for one that is gone.
      setTimeout(() => asking.delete(id) && resolve(null), 6000);
    });

  const transport = () => (panelUp ? viaPanel : connection.up() ? connection.request : null);

  const follower = createFollower({
    request: (m, p) => transport()?.(m, p) || Promise.resolve(null),
    changed(ring) {
      if (ring) {
        ensureFrame().post({ t: 'sound' });
        emit('message');
      }
      emit('unread', follower.unread);
      render();
    },
  });

  const launcher = createLauncher();
  launcher.button.onclick = () => setOpen(!open, true);
  launcher.button.onpointerenter = launcher.button.onfocus = () => void ensureFrame();

  const sender = createSender({
    store,
    lock: prefix + 'sender',
    transport,
    changed: (entries) => frame?.post({ t: 'outbox', entries }),
    acked(entry, ok) {
      frame?.post({ t: 'acked', entry, ok });
      if (ok.conversation && !panelUp) follower.meet(ok.conversation as Conversation);
    },
  });

  /** Who is connected: the panel while it is open, else the loader. The old one lets go only after the new one is up. */
  const sync = (fresh?: boolean): void => {
    const ticket = store.get('ticket');
    if (asleep) {
      connection.stop();
      frame?.post({ t: 'link', on: false });
    } else if (frame?.ready() && (fallback || (open && ticket))) {
      frame.post({ t: 'link', on: true, ticket, visit: visit(), page: fallback ? currentPage() : null, fresh });
      if (panelUp) connection.stop();
    } else {
      connection.start();
      if (connection.up()) frame?.post({ t: 'link', on: false });
    }
  };

  const render = (): void => {
    launcher.button.hidden = !settings || !shown;
    if (!settings) return;
    const waiting = open && !frame?.ready();
    launcher.update(settings, open, waiting, follower.unread, /^ko/i.test(language()));
    if (frame) frame.element.className = (open && !waiting ? 'on ' : '') + settings.side;
  };

  const ensureFrame = (): Frame => (frame ||= createFrame(launcher.root, base, site, met, heard));

  const met = (): void => {
    panelUp = false;
    const kept = Object.fromEntries(KEPT.map((k) => [k, store.get('keep:' + k)])) as Record<Kept, string | null>;
    frame!.post({ t: 'init', site, device: own('device'), language: language(), kept, outbox: sender.list(), welcome: latest });
    show(open);
    sync();
  };

  const show = (focus: boolean): void => {
    render();
    if (open && focus) frame?.element.focus();
    frame?.post({ t: 'show', open, focus });
  };

  const setOpen = (to: boolean, person?: boolean): void => {
    if (open === to || !shown) return;
    open = to;
    try {
      sessionStorage[to ? 'setItem' : 'removeItem'](prefix + 'open', '1');
    } catch {}
    if (to) ensureFrame();
    show(!!person);
    sync();
    if (!to && person) launcher.button.focus();
    emit(to ? 'open' : 'close');
  };

  const heard = (message: ToLoader): void => {
    if (message.t === 'close') setOpen(false, true);
    else if (message.t === 'send') sender.add(message.m, message.m > 'n' ? { ...message.p, page: currentPage() } : message.p);
    else if (message.t === 'resend') sender.resend(message.id);
    else if (message.t === 'drop') sender.drop(message.id);
    else if (message.t === 'keep') store.set('keep:' + message.k, message.v);
    else if (message.t === 'welcome') adopt(message.welcome), render();
    else if (message.t === 'live') {
      panelUp = message.up;
      sync();
      sender.drain();
    } else if (message.t === 'at') {
      follower.at = { id: message.conversation, channel: message.channel, have: message.have };
      if (follower.unread !== message.unread) {
        emit('unread', (follower.unread = message.unread));
        render();
      }
    } else if (message.t === 'expired') {
      store.set('ticket', null);
      follower.forget();
      connection.start();
    } else if (message.t === 'res') {
      asking.get(message.id)?.(message.a);
      asking.delete(message.id);
    }
  };

  const awake = (): void => {
    clearTimeout(nap);
    asleep = false;
    sync();
    connection.kick();
    sender.drain();
  };

  const off = [
    listen(window, 'online', () => connection.kick()),
    listen(window, 'offline', () => connection.drop()),
    listen(window, 'pagehide', () => connection.stop()),
    // From the back/forward cache: every socket is dead, also the panel's.
    listen(window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && (sync(true), awake())),
    listen(document, 'visibilitychange', () => {
      if (!document.hidden) return awake();
      nap = window.setTimeout(() => sync(void (asleep = true)), 5 * MINUTE);
    }),
    watchPages(() => commands.page!()),
  ];

  store.watch((key, value) => {
    if (key.startsWith('out:')) {
      frame?.post({ t: 'outbox', entries: sender.list() });
      sender.drain();
    } else if (key.startsWith('keep:')) frame?.post({ t: 'kept', k: key.slice(5) as Kept, v: value });
    else if (key === 'ticket' && value && visitor && store.get('visitor') !== visitor) {
      // Another tab became another visitor: so does this one.
      visitor = null;
      follower.forget();
      connection.drop();
      sync(true);
    }
  });

  const shutdown = (): void => {
    setOpen(false);
    shown = false;
    off.forEach((stop) => stop());
    connection.stop();
    frame?.remove();
    launcher.root.host.remove();
    frame = undefined;
    clearTimeout(nap);
  };

  const commands: Record<string, Command> = {
    open: () => setOpen(true, true),
    close: () => setOpen(false, true),
    toggle: () => setOpen(!open, true),
    show() {
      shown = true;
      render();
    },
    hide() {
      setOpen(false);
      shown = false;
      render();
    },
    on: (name: string, listener: Command) => void (listeners[name] ||= new Set()).add(listener),
    off: (name: string, listener: Command) => void listeners[name]?.delete(listener),
    page: () =>
      void transport()?.('event.post', {
        events: [{ event_id: uuidv7(Date.now()), name: 'page.enter', at: Date.now(), visit: visit(), page: currentPage(), props: {} }],
      }),
    shutdown,
  };

  const stalk: Stalk = (name, ...args) => commands[name as string]?.(...(args as never[]));
  stalk.v = 1;
  global.stalk = stalk;

  try {
    settings = JSON.parse(store.get('site')!) || undefined;
    if (sessionStorage.getItem(prefix + 'open')) setOpen(true);
  } catch {}
  render();
  sync();
  for (const call of queued || []) stalk(...Array.from(call));
}

function listen(target: EventTarget, name: string, heard: (event: Event) => void): () => void {
  target.addEventListener(name, heard);
  return () => target.removeEventListener(name, heard);
}

const config = readConfig();
if (config && !(window as unknown as { stalk?: Stalk }).stalk?.v) boot(config.base, config.site);
