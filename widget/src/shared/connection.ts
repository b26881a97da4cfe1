// Keeps one link to the server while one is wanted: dials, waits, comes back, and notices where sockets never get through.

import { LOST, type Link, type LinkEvents } from './link';
import { needsCredential, reconnectDelay, STAY } from './reconnect';
import type { Answer } from './wire';

export interface ConnectionEnv extends Pick<LinkEvents, 'welcome' | 'pub' | 'tops'> {
  /** `blocked`: no socket has opened in two attempts, so another way is worth a try. */
  dial(blocked: boolean, on: LinkEvents): Link | void;
  /** After a welcome was handled (over HTTP there are many), or after the connection was lost. */
  changed(up: boolean): void;
  /** The credential is refused; false: do not dial again, somebody else will get a new one. */
  forget(code: number): boolean;
  /** The server does not want us here: no further attempt. */
  barred(code: number): void;
}

export interface Connection {
  up(): boolean;
  start(): void;
  stop(): void;
  /** Try at once if waiting (the network came back, the page was shown). */
  kick(): void;
  /** Give up the present link as dead and come back. */
  drop(): void;
  request(m: string, p: unknown): Promise<Answer | null>;
}

/** A connection that held this long clears the count of failures; one that is accepted and closed at once does not. */
const HELD = 5000;
/** How long the owner's other way (the loader's is the panel) has to prove itself before the socket is tried again. */
const OTHER_WAY = 12000;

export function createConnection(env: ConnectionEnv): Connection {
  let link: Link | void;
  let up = false;
  let wanted = false;
  let timer: ReturnType<typeof setTimeout>;
  let attempt = 0;
  let since = 0;
  let blocked = false;
  let opened = false;
  let misses = 0;

  const set = (value: boolean): void => {
    if (up !== value) env.changed((up = value));
  };

  const dial = (): void => {
    clearTimeout(timer);
    if (link || !wanted) return;
    // Several ends may be reported by one link; only the present one counts.
    const mine = env.dial(blocked, {
      welcome(welcome) {
        since = Date.now();
        // Usable from here on: the welcome itself may ask for something.
        up = true;
        env.welcome(welcome);
        if (up) env.changed(up);
      },
      pub: env.pub,
      tops: env.tops,
      closed(code, retryAfter, ok) {
        if (link === mine) closed(code, retryAfter, ok);
      },
    });
    link = mine;
    if (!link) {
      blocked = false;
      timer = setTimeout(dial, OTHER_WAY);
    }
  };

  const closed = (code: number, retryAfter: number | undefined, ok: boolean): void => {
    link = undefined;
    if (!blocked && ok) opened = true;
    misses = ok ? 0 : misses + 1;
    // The other way is tried only where no socket ever opened, and given up when it fares no better.
    blocked = blocked ? ok : !opened && misses > 1;
    if (since && Date.now() - since > HELD) attempt = 0;
    since = 0;
    set(false);
    if (!wanted) return;
    const delay = reconnectDelay(code, attempt++, retryAfter, Math.random());
    if (delay === STAY) return env.barred(code);
    if (!needsCredential(code) || env.forget(code)) timer = setTimeout(dial, delay);
  };

  return {
    up: () => up,
    start() {
      if (wanted) return;
      wanted = true;
      dial();
    },
    stop() {
      wanted = false;
      clearTimeout(timer);
      link?.close();
      link = undefined;
      set(false);
    },
    kick() {
      attempt = 0;
      dial();
    },
    drop() {
      // Mostly another network, where sockets may get through.
      if (!link) return;
      link.close();
      closed(LOST, 0, !blocked);
    },
    request: (m, p) => (link && up ? link.request(m, p) : Promise.resolve(null)),
  };
}
