// The loader's second part, for who chats: the panel's frame and port, the outbox in first-party storage, and whose turn it is to
// send. The first part (../main.ts) fetches it when somebody hovers, opens, has something to send, or gets a message.

import type { Envelope, Offer } from '../../shared/wire';
import { KEPT, type Entry, type Kept, type ToLoader } from '../../shared/port';
import type { Answer } from '../../shared/wire';
import { OUT, type Core, type More } from '../core';
import { createEvents } from './events';
import type { Communities } from '../community/main';
import type { Offers } from '../offer/main';
import { createFrame, type Frame } from './frame';
import { createTurn, type Request } from './turn';

export default function more(core: Core): More {
  const [base, site, , button, connection, follower, state, get, set, keys, own, listen, visit, page, language, adopt, forget, render, emit, setOpen, calls] = core;
  const asked: Record<number, (answer: Answer | null) => void> = {};
  let asks = 0;
  let frame: Frame | undefined;
  let seen: IntersectionObserver | undefined;

  // The ids are UUIDv7: sorted by key is sorted by age.
  const outbox = (): Entry[] =>
    keys().filter((key) => key.startsWith(OUT)).sort().flatMap((key) => {
      try {
        return [JSON.parse(get(key)!) as Entry];
      } catch {
        return [];
      }
    });

  /** Somebody writes in this tab, so that it may as well keep the turn. */
  const inUse = (): boolean => state.open && state.panelUp && !document.hidden;
  const locks = navigator.locks as LockManager | undefined;
  const request: Request | null = locks ? (options, held) => locks.request('stalk:' + site, options, held) : null;
  const turn = createTurn(request, inUse);

  /** The outbox changed, here or in another tab. */
  const tell = (granted: boolean): void => frame?.post({ t: 'outbox', entries: outbox(), turn: granted });

  /** True when the server has it, or will never take it. */
  const told = async (m: string, p: unknown): Promise<boolean> => {
    const answer = await ask(m, p);
    return !!(answer?.ok || answer?.err);
  };

  /** The part that draws offers, fetched with the first one. */
  let offers: Promise<Offers | undefined> | undefined;
  const heard = async (event: Envelope): Promise<void> => {
    if (state.open && frame && event.data.offer) return frame.post({ t: 'offer', offer: event.data.offer as Offer });
    offers ||= import(/* @vite-ignore */ base + '/panel/assets/' + __OFFER__).then(
      (loaded: { default(core: Core, ask: typeof told): Offers }) => loaded.default(core, told),
      () => void (offers = undefined),
    );
    (await offers)?.heard(event);
  };

  /** The part that puts communities into the page, fetched where there is a place for one. */
  let communities: Promise<Communities | undefined> | undefined;
  const look = (): void => {
    if (document.querySelector('[data-stalk-community]'))
      communities ||= import(/* @vite-ignore */ base + '/panel/assets/' + __CROWD__).then(
        (loaded: { default(core: Core): Communities }) => loaded.default(core),
        () => void (communities = undefined),
      );
    void communities?.then((one) => one?.look());
  };

  const ensureFrame = (): Frame => {
    const { place } = state;
    if (frame && frame.place !== place) {
      frame.remove();
      frame = undefined;
      state.panelUp = false;
      hangUp();
    }
    if (!frame) {
      turn.release();
      delete button.dataset.met;
      frame = createFrame(core, place, met, (message) => answered(message));
      watch();
      draw();
    }
    return frame;
  };

  /** A chat in the page is open while it can be seen. */
  const watch = (): void => {
    seen?.disconnect();
    if (!state.place) return;
    seen = new IntersectionObserver(([first]) => setOpen(first!.isIntersecting));
    seen.observe(state.place);
  };

  /** Over whichever connection there is; null where there is none, or it was lost. */
  const ask = (m: string, p: unknown): Promise<Answer | null> => {
    if (!state.panelUp) return connection.request(m, p);
    return new Promise((answered) => {
      asked[++asks] = answered;
      frame!.post({ t: 'req', m, p, id: asks });
    });
  };
  /** What was asked of a panel that is gone is answered by nobody. */
  const hangUp = (): void => {
    for (const id in asked) {
      asked[id]!(null);
      delete asked[id];
    }
  };
  const up = (): boolean => state.panelUp || connection.up();
  const events = createEvents({ get, set, keys, visit, request: ask, up });

  /** What the page asked for: told at once, or kept until there is a connection. */
  const drain = (): void => {
    const kept = calls.splice(0).filter((call) => {
      if (call[0] !== 'attributes') events.take(call);
      else if (!up()) return true;
      else void ask('visitor.put', { attributes: call[1][0] });
      return false;
    });
    calls.push(...kept);
    events.flush();
  };

  /** Who is connected: the panel while it is open or has something to send, else the loader. The old one lets go only after the new one is up. */
  const sync = (fresh?: boolean): void => {
    const ticket = get('ticket');
    const wanted = state.fallback || (ticket && (state.open || outbox().some((entry) => !entry.err)));
    if (wanted || state.place !== (frame?.place ?? null)) ensureFrame().retry();
    if (state.asleep) {
      connection.stop();
      frame?.post({ t: 'link', on: false });
      turn.release();
    } else if (wanted && frame!.ready()) {
      frame!.post({ t: 'link', on: true, ticket, visit: visit(), page: state.fallback ? page() : null, identity: state.identity, fresh });
      if (state.panelUp) connection.stop();
    } else {
      connection.start();
      if (connection.up()) frame?.post({ t: 'link', on: false });
    }
    drain();
    look();
  };

  const met = (): void => {
    // A panel that was loaded again has forgotten what the one before it had.
    state.panelUp = false;
    hangUp();
    turn.release();
    button.dataset.met = '1';
    const kept = Object.fromEntries(KEPT.map((key) => [key, get(key)])) as Record<Kept, string | null>;
    frame!.post({ t: 'init', site, device: own('device'), language: language(), mode: frame!.mode, kept, outbox: outbox() });
    show();
    sync();
  };

  const draw = (): void => {
    const { settings, open } = state;
    if (!frame || !settings) return;
    const theme = settings.theme || 'auto';
    frame.element.className = frame.place
      ? `${frame.mode} ${theme}`
      : `${open && frame.ready() ? 'on ' : ''}${theme} ${settings.side}${settings.launcher === 'hidden' ? ' alone' : ''}`;
  };

  const show = (): void => {
    if (state.open) void offers?.then((drawn) => drawn?.hide());
    ensureFrame().retry();
    render();
    const focus = state.byPerson && frame!.ready();
    if (focus) {
      state.byPerson = false;
      (state.open ? frame!.element : button).focus();
    }
    frame!.post({ t: 'show', open: state.open, focus, page: page() });
    turn.warm();
  };

  /** www. and m. of one shop are one visitor, where the shop wants a cookie for it. */
  const share = (ticket: string): void => {
    const domain = state.settings?.cookie_domain;
    if (!domain) return;
    const age = ticket ? 31536000 : 0;
    document.cookie = `stalk_${site}=${ticket};domain=${domain};path=/;max-age=${age};samesite=lax${location.protocol === 'https:' ? ';secure' : ''}`;
  };

  const answers: { [T in ToLoader['t']]: (message: Extract<ToLoader, { t: T }>) => void } = {
    close: () => setOpen(false, true),
    put({ entry }) {
      const key = OUT + entry.id;
      // Dropped meanwhile in another tab: it must not come back as failed.
      if (!entry.err || get(key)) set(key, JSON.stringify(entry));
      // With the turn in the same breath: the panel sends as soon as it knows that the entry is kept.
      tell(!entry.err && turn.holds());
      if (!state.panelUp) sync();
    },
    drop({ id }) {
      set(OUT + id, null);
      tell(false);
      if (!state.open) sync();
    },
    turn: () => turn.take(() => tell(true)),
    done: turn.done,
    keep: ({ k, v }) => set(k, v),
    welcome({ welcome }) {
      adopt(welcome);
      share(welcome.ticket);
      render();
      look();
    },
    live({ up }) {
      state.panelUp = up;
      if (!up) hangUp();
      sync();
      if (up) turn.warm();
    },
    at({ conversation: id, channel, have, unread }) {
      follower.at = { id, channel, have };
      if (follower.unread !== unread) emit('unread', (follower.unread = unread));
      render();
    },
    res({ id, answer }) {
      asked[id]?.(answer);
      delete asked[id];
    },
    offer: ({ offer }) => void heard({ data: { offer } } as unknown as Envelope),
    message: ({ text, name, at }) => emit('message', { text, name, at }),
    expired({ code }) {
      if (code !== 4102) set('ticket', '');
      forget(code);
      if (get('ticket')) sync();
      else connection.start();
    },
    forget() {
      for (const key of keys()) if (key !== 'site') set(key, null);
      share('');
      follower.forget();
      state.identity = undefined;
      render();
    },
  };
  const answered = (message: ToLoader): void => (answers[message.t] as (message: ToLoader) => void)?.(message);

  listen(document, 'visibilitychange', () => (document.hidden ? turn.done() : turn.warm()));
  // A page that holds a lock cannot be kept for the way back.
  listen(window, 'pagehide', turn.release);

  return {
    sync,
    show,
    draw,
    warm: () => void ensureFrame(),
    heard: (event) => void heard(event),
    ring: () => ensureFrame().post({ t: 'sound' }),
    stored(key, value) {
      if (key.startsWith(OUT)) {
        if (value) turn.contest();
        tell(false);
        sync();
      } else frame?.post({ t: 'kept', k: key, v: value });
    },
    end() {
      events.end();
      seen?.disconnect();
      turn.release();
      if (frame?.place) frame.remove();
      void communities?.then((one) => one?.end());
    },
  };
}
