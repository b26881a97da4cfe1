// The loader: one global `stalk`, the launcher, the visitor's identity and outbox, and a connection while the panel has none.
// Map: config (snippet) · storage · follower (unread) · launcher and frame (what is shown) · pages.

import { createConnection } from '../shared/connection';
import { uuid } from '../shared/ids';
import type { Entry, Kept, ToLoader } from '../shared/port';
import type { EventsIn, Hello, Site, Welcome } from '../shared/wire';
import { readConfig } from './config';
import { createFollower } from './follower';
import { createFrame, type Frame } from './frame';
import { createLauncher } from './launcher';
import { currentPage, watchPages } from './pages';
import { endLife, listen } from './life';
import { get, keepFor, keys, set } from './storage';
import { webSocketLink } from './websocket';

type Stalk = ((...args: unknown[]) => void) & { q?: ArrayLike<unknown>[]; v?: number };
type Command = (...args: never[]) => void;

const MINUTE = 60000;
/** An entry of the outbox is a key of its own, so that two tabs never overwrite each other's. */
const OUT = 'out:';

function boot(base: string, site: string): void {
  const global = window as unknown as { stalk?: Stalk };
  const queued = global.stalk?.q;
  const prefix = keepFor(site);
  const listeners: Record<string, Set<Command>> = {};

  let settings: Site | undefined;
  let latest: Welcome | null = null;
  let frame: Frame | undefined;
  let asked: string | null = null;
  let visitor = '';
  let open = false;
  let shown = true;
  /** A person opened or closed it, and the focus has not followed yet. */
  let byPerson = false;
  let asleep = false;
  let fallback = false;
  let panelUp = false;
  let nap: ReturnType<typeof setTimeout>;
  let release: (() => void) | undefined;

  const emit = (name: string, value?: unknown): void => listeners[name]?.forEach((listener) => (listener as (v: unknown) => void)(value));

  const own = (key: string): string => {
    const value = get(key) || uuid();
    set(key, value);
    return value;
  };

  /** A visit ends with 30 idle minutes. */
  const visit = (): string => {
    const [id, at] = (get('visit') || '').split(' ');
    const now = Date.now();
    const current = id && now - +at! < 30 * MINUTE ? id : uuid();
    set('visit', current + ' ' + now);
    return current;
  };

  const language = (): string => settings?.language || document.documentElement.lang || navigator.language;

  const hello = (): Hello => {
    const { at } = follower;
    asked = get('ticket');
    return {
      v: 1, site, ticket: asked, device: own('device'), language: language(), visit: visit(), page: currentPage(),
      ...(at && { after: { [at.id]: at.have } }),
    };
  };

  const adopt = (welcome: Welcome): boolean => {
    const known = get('ticket');
    // Two tabs met the site at the same moment: whoever wrote first is the visitor.
    if (!welcome.ticket || (!asked && known && known !== welcome.ticket && !panelUp)) {
      connection.drop();
      return false;
    }
    set('ticket', welcome.ticket);
    set('visitor', (visitor = welcome.visitor.id));
    set('site', JSON.stringify((settings = welcome.site)));
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
    },
    forget() {
      // Another tab may hold a newer one already.
      if (get('ticket') === asked) set('ticket', null);
      follower.forget();
      return true;
    },
    refused(code) {
      console.warn('stalk: ' + code);
      shutdown();
    },
  });

  const follower = createFollower({
    request: connection.request,
    greet: connection.drop,
    changed(ring) {
      if (ring) ensureFrame().post({ t: 'sound' });
      emit('unread', follower.unread);
      render();
    },
  });

  const launcher = createLauncher();
  launcher.button.onclick = () => setOpen(!open, true);
  launcher.button.onpointerenter = launcher.button.onfocus = () => void ensureFrame();

  // The ids are UUIDv7: sorted by key is sorted by age.
  const outbox = (): Entry[] =>
    keys().filter((key) => key.startsWith(OUT)).sort().map((key) => JSON.parse(get(key)!) as Entry);

  /** The outbox changed, here or in another tab. */
  const tell = (turn?: boolean | void): void => {
    frame?.post({ t: 'outbox', entries: outbox(), turn: !!turn });
    sync();
  };

  /** One tab at a time sends. Without the lock API (plain http) the server's dedupe by id alone keeps a message single. */
  const turn = (): Promise<void> =>
    new Promise((done) => {
      release = done;
      tell(true);
    });

  /** Who is connected: the panel while it is open or has something to send, else the loader. The old one lets go only after the new one is up. */
  const sync = (fresh?: boolean): void => {
    const ticket = get('ticket');
    const wanted = fallback || (ticket && (open || outbox().some((entry) => !entry.err)));
    if (wanted) ensureFrame();
    if (asleep) {
      connection.stop();
      frame?.post({ t: 'link', on: false });
    } else if (wanted && frame!.ready()) {
      frame!.post({ t: 'link', on: true, ticket, visit: visit(), page: fallback ? currentPage() : null, fresh });
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
    // A panel that was loaded again has forgotten what the one before it had.
    panelUp = false;
    release?.();
    const kept = { draft: get('draft'), offline: get('offline'), muted: get('muted') };
    frame!.post({ t: 'init', site, device: own('device'), language: language(), kept, outbox: outbox(), welcome: latest });
    show();
    sync();
  };

  const show = (): void => {
    render();
    const focus = byPerson && frame!.ready();
    if (focus) {
      byPerson = false;
      (open ? frame!.element : launcher.button).focus();
    }
    frame?.post({ t: 'show', open, focus, page: currentPage() });
  };

  const setOpen = (to: boolean, person = false): void => {
    if (open === to || !shown) return;
    open = to;
    byPerson = person;
    try {
      sessionStorage[prefix + 'open'] = to ? 1 : '';
    } catch {}
    ensureFrame().retry();
    show();
    sync();
    emit(to ? 'open' : 'close');
  };

  const answers: { [T in ToLoader['t']]: (message: Extract<ToLoader, { t: T }>) => void } = {
    close: () => setOpen(false, true),
    put({ entry }) {
      const key = OUT + entry.id;
      // Dropped meanwhile in another tab: it must not come back as failed.
      if (!entry.err || get(key)) set(key, JSON.stringify(entry));
      tell();
    },
    drop: ({ id }) => tell(set(OUT + id, null)),
    turn() {
      if (navigator.locks) navigator.locks.request('stalk:' + site, turn).catch(turn);
      else turn();
    },
    done: () => release?.(),
    keep: ({ k, v }) => set(k, v),
    welcome({ welcome }) {
      adopt(welcome);
      render();
    },
    live({ up }) {
      panelUp = up;
      sync();
    },
    at({ conversation: id, channel, have, unread }) {
      follower.at = { id, channel, have };
      if (follower.unread !== unread) emit('unread', (follower.unread = unread));
      render();
    },
    expired() {
      set('ticket', null);
      follower.forget();
      connection.start();
    },
  };
  const heard = (message: ToLoader): void => (answers[message.t] as (message: ToLoader) => void)?.(message);

  // Whatever socket there was belonged to the network before.
  listen(window, 'online', () => {
    connection.drop();
    connection.kick();
  });
  listen(window, 'pagehide', () => connection.stop());
  // From the back/forward cache: every socket is dead, also the panel's.
  listen(window, 'pageshow', ({ persisted }: PageTransitionEvent) => persisted && sync(true));
  listen(document, 'visibilitychange', () => {
    clearTimeout(nap);
    if (document.hidden) nap = setTimeout(() => sync(void (asleep = true)), 5 * MINUTE);
    else {
      asleep = false;
      sync();
      connection.kick();
    }
  });
  listen(window, 'storage', ({ key: full, newValue }: StorageEvent) => {
    if (!full?.startsWith(prefix)) return;
    const key = full.slice(prefix.length);
    if (key.startsWith(OUT)) tell();
    else if (key === 'visitor' && visitor) {
      // Another tab became another visitor: so does this one.
      visitor = '';
      follower.forget();
      connection.drop();
      sync(true);
    } else frame?.post({ t: 'kept', k: key as Kept, v: newValue });
  });
  watchPages(() => commands.page!());

  const shutdown = (): void => {
    commands.hide!();
    release?.();
    endLife();
    connection.stop();
    clearTimeout(nap);
    launcher.root.host.remove();
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
    page() {
      const m = 'event.post';
      const at = Date.now();
      const p: EventsIn = { events: [{ event_id: uuid(), name: 'page.enter', at, visit: visit(), page: currentPage(), props: {} }] };
      if (panelUp) frame!.post({ t: 'req', m, p });
      else connection.request(m, p);
    },
    shutdown,
  };

  const stalk: Stalk = (name, ...args) => commands[name as string]?.(...(args as never[]));
  stalk.v = 1;
  global.stalk = stalk;

  try {
    settings = JSON.parse(get('site')!) || undefined;
    if (sessionStorage[prefix + 'open']) setOpen(true);
  } catch {}
  render();
  sync();
  for (const call of queued || []) stalk(...Array.from(call));
}

const config = readConfig();
if (config && !(window as unknown as { stalk?: Stalk }).stalk?.v) boot(config.base, config.site);
