// What the page tells of its visitor: kept in first-party storage until the server has it, so that neither a lost connection nor a server
// without its database loses any of it. Every tab sends what waits; the server knows an event by its id.

import { timeOf, uuidv7 } from '../../panel/ids';
import type { Answer, TrackedEvent, Page } from '../../shared/wire';
import type { Call } from '../core';

/** Keys begin like the messages' own, so that the first part sees at a glance that something waits. */
const KEY = 'out.';
/** As many as the server takes at once, and as many as wait at most: a page that tells without end must not fill the shop's storage. */
const BATCH = 50;
const MOST = 500;
/** What the server takes no more. */
const TOO_OLD = 7 * 86400000;
/** Kinds of their own; any other name is one of the shop's. */
const KINDS = /^(cart\.changed|order\.placed)$/;
/** The same request may get through later. */
const LATER = /^(unavailable|rate_limited|internal)$/;

export interface EventsEnv {
  get(key: string): string | null;
  set(key: string, value: string | null): void;
  keys(): string[];
  visit(): string;
  /** Null: not asked, or the connection was lost. */
  request(m: string, p: unknown): Promise<Answer | null>;
  up(): boolean;
}

export interface Events {
  take(call: Call): void;
  /** Sends what waits, if there is a connection. */
  flush(): void;
  end(): void;
}

/** An event as the protocol has it; null for a call that tells nothing. */
export function eventOf([name, args, at, page]: Call, id: string, visit: string): TrackedEvent | null {
  const about: Page = { url: page.url, title: page.title, referrer: page.referrer };
  const one = { v: 1 as const, id, at, visit };
  if (name === 'page') return { ...one, kind: 'page.entered', page };
  const [what, props] = args as [unknown, Record<string, unknown> | undefined];
  if (name !== 'track' || typeof what !== 'string') return null;
  if (KINDS.test(what)) return { ...one, kind: what, page: about, props: props ?? {} };
  return { ...one, kind: 'custom', name: what, page: about, props: props ?? {} };
}

export function createEvents(env: EventsEnv): Events {
  let busy = false;
  let tries = 0;
  let timer: ReturnType<typeof setTimeout>;

  const waiting = (): string[] => env.keys().filter((key) => key.startsWith(KEY)).sort();

  const later = (wait: number): void => {
    clearTimeout(timer);
    timer = setTimeout(flush, wait);
  };

  const flush = async (): Promise<void> => {
    if (busy || !env.up()) return;
    const keys: string[] = [];
    const events: unknown[] = [];
    for (const key of waiting()) {
      try {
        if (Date.now() - timeOf(key.slice(KEY.length)) > TOO_OLD) throw 0;
        if (events.push(JSON.parse(env.get(key)!)) && keys.push(key) === BATCH) break;
      } catch {
        env.set(key, null);
      }
    }
    if (!keys[0]) return;
    busy = true;
    const answer = await env.request('event.track', { events });
    busy = false;
    if (!answer) return later(4000);
    if (answer.err && LATER.test(answer.err.code)) return later(answer.err.retry_after_ms || Math.min(30000, 1000 * 2 ** tries++));
    tries = 0;
    const refused = answer.err ? [answer.err] : (answer.ok!.refused as unknown[]);
    for (const why of refused) console.warn('stalk: an event was refused', why);
    for (const key of keys) env.set(key, null);
    void flush();
  };

  return {
    take(call) {
      const event = eventOf(call, uuidv7(call[2]), env.visit());
      if (!event) return;
      const text = JSON.stringify(event);
      if (waiting().length >= MOST) console.warn('stalk: too many events wait; one was dropped');
      else env.set(KEY + event.id, text);
      void flush();
    },
    flush: () => void flush(),
    end: () => clearTimeout(timer),
  };
}
