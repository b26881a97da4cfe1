// The loader's first part, which every page of a shop pays for: one global `stalk`, the launcher, the visitor's identity, and a
// connection while the panel has none. What is needed only by who chats is in `more/` and fetched when it is.
// Map: config (snippet) · storage · follower (unread) · launcher · pages and product.

import { createConnection } from '../shared/connection';
import { uuid } from '../shared/ids';
import type { Kept } from '../shared/port';
import { webSocketLink } from '../shared/websocket';
import type { Hello, Welcome } from '../shared/wire';
import { readConfig } from './config';
import type { Call, Core, More, State } from './core';
import { createFollower } from './follower';
import { createLauncher } from './launcher';
import { endLife, listen } from './life';
import { currentPage, watchPages } from './pages';
import { get, keepFor, keys, set, shared } from './storage';

type Stalk = ((...args: unknown[]) => void) & { q?: ArrayLike<unknown>[]; v?: number };
type Command = (...args: never[]) => void;

const MINUTE = 60000;
const IDENTITY_REFUSED = 4102;

/** Waits until the page has had its turn: on a slow phone the start in one piece would make it stutter. */
const breath = (): Promise<void> => new Promise(setTimeout as never);

async function boot(base: string, site: string): Promise<void> {
  const global = window as unknown as { stalk?: Stalk };
  // What is called until everything stands, also between the parts of the start.
  let queued: ArrayLike<unknown>[] | 0 = global.stalk?.q || [];
  const prefix = keepFor(site);
  const listeners: Record<string, Set<Command>> = {};
  const state: State = { latest: null, open: false, byPerson: false, asleep: false, fallback: false, panelUp: false, place: null };

  let more: More | undefined;
  let fetching: Promise<void> | undefined;
  let asked: string | null = null;
  let visitor = '';
  let shown = true;
  let nap: ReturnType<typeof setTimeout>;
  const calls: Call[] = [];

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

  const language = (): string => state.settings?.language || navigator.language;

  const hello = (): Hello => {
    const { at } = follower;
    asked = (get('ticket') ?? shared(site)) || null;
    return {
      v: 1, site, ticket: asked, device: own('device'), language: navigator.language, visit: visit(), page: currentPage(), lite: true,
      after: at ? { [at.id]: at.have } : undefined, identity: state.identity,
    };
  };

  const adopt = (welcome: Welcome): boolean => {
    const known = get('ticket');
    // Two tabs met the site at the same moment: whoever wrote first is the visitor.
    if (!welcome.ticket || (!asked && known && known !== welcome.ticket && !state.panelUp)) {
      connection.drop();
      return false;
    }
    const first = !state.latest;
    state.latest = welcome;
    set('ticket', welcome.ticket);
    set('visitor', (visitor = welcome.visitor.id));
    set('site', JSON.stringify((state.settings = { ...state.settings, ...welcome.site })));
    if (first) emit('ready');
    return true;
  };

  const forget = (code: number): boolean => {
    if (code === IDENTITY_REFUSED) {
      state.identity = undefined;
      emit('identity_refused');
    } else {
      // Another tab may hold a newer one already. Empty and not removed, so that a shared one is not tried again either.
      if ((get('ticket') || asked) === asked) set('ticket', '');
      follower.forget();
    }
    return true;
  };

  const connection = createConnection({
    dial(blocked, on) {
      // Where sockets are blocked the panel's fetch on its own origin is the way out, also while the panel is closed.
      state.fallback = blocked;
      if (!blocked) return webSocketLink(base.replace('http', 'ws') + '/ws', hello, on);
      sync();
    },
    welcome(welcome) {
      if (adopt(welcome)) follower.welcome(welcome);
    },
    pub: (channel, event) => (event.type.startsWith('p') ? need(() => more!.heard(event)) : follower.pub(channel, event)),
    tops: (tops) => follower.tops(tops),
    changed(up) {
      if (up) sync();
    },
    forget,
    barred(code) {
      console.warn('stalk ' + code);
      shutdown();
    },
  });

  const follower = createFollower({
    request: connection.request,
    greet: connection.drop,
    heard: (event) => emit('message', { text: event.data.text, name: event.sender!.name, at: event.at }),
    changed(ring, begun) {
      if (ring) need(() => more!.ring());
      // Somebody of the shop said hello. On a phone the panel would cover the page: there the count says it.
      if (begun && innerWidth > 479 && !document.hidden) setOpen(true);
      emit('unread', follower.unread);
      render();
    },
  });

  /** What is not known here, the second part knows: told with where and when it was. */
  const stalk: Stalk = (...call) => {
    const [name, ...args] = call as [string];
    if (queued) queued.push(call);
    else if (commands[name]) commands[name]!(...(args as never[]));
    else {
      calls.push([name, args, Date.now(), currentPage()]);
      need(sync);
    }
  };
  stalk.v = 1;
  global.stalk = stalk;
  await breath();

  const { root, button, update } = createLauncher();
  await breath();
  button.onpointerenter = button.onfocus = () => need(() => more!.warm());

  /** Fetches the second part, once; again when it could not be had. */
  const need = (then: () => void): void => {
    fetching ||= import(/* @vite-ignore */ base + '/panel/assets/' + __MORE__).then(
      (loaded: { default(core: Core): More }) => {
        more = loaded.default(core);
      },
      () => (fetching = undefined),
    ) as Promise<void>;
    fetching.then(() => more && then());
  };

  /** Who is connected: the panel while it is open or has something to send (the second part knows), else the loader. */
  const sync = (fresh?: boolean): void => {
    if (more) more.sync(fresh);
    else {
      if (state.asleep) connection.stop();
      else connection.start();
      if (state.open || state.fallback || state.place || calls[0] || /\bout/.test('' + keys())) need(sync);
    }
  };

  const render = (): void => {
    const { settings, open, place } = state;
    button.hidden = !settings || !shown || !!place || settings.launcher === 'hidden';
    if (settings) update(settings, open, open && !button.dataset.met, follower.unread, /^ko/i.test(language()));
    more?.draw();
  };

  const setOpen = (to: boolean, person?: boolean): void => {
    if (state.open === to || !shown) return;
    state.open = to;
    state.byPerson = !!person;
    try {
      if (!state.place) sessionStorage[prefix + 'open'] = to ? 1 : '';
    } catch {}
    render();
    need(() => more!.show());
    sync();
    emit(to ? 'open' : 'close');
  };

  const core: Core = [
    base, site, root, button, connection, follower, state, get, set, keys, own, listen, visit, currentPage, language, adopt, forget, render, emit,
    setOpen, calls,
  ];

  // Whatever socket there was belonged to the network before.
  listen(window, 'online', () => {
    connection.drop();
    connection.kick();
  });
  listen(window, 'pagehide', connection.stop);
  // From the back/forward cache: every socket is dead, also the panel's.
  listen(window, 'pageshow', ({ persisted }: PageTransitionEvent) => persisted && sync(true));
  listen(document, 'visibilitychange', () => {
    clearTimeout(nap);
    if (document.hidden) nap = setTimeout(() => sync(void (state.asleep = true)), 5 * MINUTE);
    else {
      state.asleep = false;
      sync();
      connection.kick();
    }
  });
  listen(window, 'storage', ({ key: full, newValue }: StorageEvent) => {
    if (!full?.startsWith(prefix)) return;
    const key = full.slice(prefix.length);
    if (key === 'visitor' && visitor) {
      // Another tab became another visitor: so does this one.
      visitor = '';
      follower.forget();
      connection.drop();
      sync(true);
    } else more?.stored(key as Kept, newValue);
  });
  const findPlace = (): void => {
    state.place = document.querySelector('[data-stalk-inline],[data-stalk-full]');
    render();
    if (document.querySelector('[data-stalk-community]') || state.place || more) need(sync);
  };
  watchPages(() => {
    stalk('page');
    findPlace();
  });
  listen(document, 'DOMContentLoaded', findPlace);
  listen(window, 'load', render);

  const shutdown = (): void => {
    commands.hide!();
    more?.end();
    endLife();
    connection.stop();
    clearTimeout(nap);
    root.host.remove();
    // Who was signed in at the shop has left; on a shared computer nobody else may go on as them.
    if (state.latest?.visitor.identified) for (const key of keys()) set(key, null);
  };

  const commands: Record<string, Command> = {
    open: () => setOpen(true, true),
    close: () => setOpen(false, true),
    toggle: () => setOpen(!state.open, true),
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
    identify(jwt: string) {
      state.identity = jwt;
      if (state.panelUp) sync(true);
      else connection.drop();
    },
    shutdown,
  };

  try {
    state.settings = JSON.parse(get('site')!) || undefined;
    if (sessionStorage[prefix + 'open']) setOpen(true);
  } catch {}
  button.onclick = commands.toggle as () => void;
  // Beside the body, not in it: pages that replace their body on navigation keep the chat.
  document.documentElement.append(root.host);
  findPlace();
  await breath();
  sync();
  const waiting = queued;
  queued = 0;
  for (const call of waiting) stalk(...(call as unknown[]));
}

const config = readConfig();
if (config && !(window as unknown as { stalk?: Stalk }).stalk?.v) boot(...config);
