// The outbox: every entry is a stored key of its own (two tabs never overwrite each other's), sent one at a time by one tab.

import type { Entry } from '../shared/port';
import { timeOf, uuidv7 } from '../shared/ids';
import type { Answer } from '../shared/wire';
import { nextEntry, retryDelay } from './queue';
import type { Store } from './storage';

type Request = (m: string, p: unknown) => Promise<Answer | null>;

export interface SenderEnv {
  store: Store;
  /** Name of the Web Lock that makes one tab the sender. */
  lock: string;
  /** Null while there is no connection. */
  transport(): Request | null;
  changed(entries: Entry[]): void;
  acked(entry: Entry, ok: Record<string, unknown>): void;
}

export interface Sender {
  list(): Entry[];
  add(m: Entry['m'], p: Record<string, unknown>): void;
  resend(id: string): void;
  drop(id: string): void;
  drain(): void;
}

const KEY = 'out:';

export function createSender(env: SenderEnv): Sender {
  const { store } = env;
  let busy = false;
  let again = false;

  const list = (): Entry[] =>
    store.keys(KEY).flatMap((key) => {
      try {
        return [JSON.parse(store.get(key)!) as Entry];
      } catch {
        return [];
      }
    });
  const tell = (): void => env.changed(list());
  const put = (entry: Entry): void => store.set(KEY + entry.id, JSON.stringify(entry));
  const drop = (id: string): void => {
    store.set(KEY + id, null);
    tell();
    drain();
  };

  const work = async (): Promise<void> => {
    for (let attempt = 0; ; ) {
      // Read anew each time: another tab may have added, sent or dropped one.
      const entry = nextEntry(list());
      const request = env.transport();
      if (!entry || !request) return;
      const answer = await request(entry.m, entry.p);
      // Without an answer the connection is given up; the next one drains again and sends the same.
      if (!answer) return;
      const { err } = answer;
      if (!err) {
        attempt = 0;
        store.set(KEY + entry.id, null);
        env.acked(entry, answer.ok || {});
      } else {
        const wait = retryDelay(err, attempt++, Math.random());
        if (wait >= 0) {
          // A hidden tab may be stopped at any time; another one should not have to wait for it.
          if (document.hidden) return;
          await new Promise((done) => setTimeout(done, wait));
          continue;
        }
        // Dropped meanwhile in another tab: it must not come back as failed.
        if (store.get(KEY + entry.id)) put({ ...entry, err });
      }
      tell();
    }
  };

  const drain = (): void => {
    again = true;
    if (busy || !env.transport() || !nextEntry(list())) return;
    busy = true;
    again = false;
    const done = (): void => {
      busy = false;
      if (again) drain();
    };
    // The lock API is missing on plain http: there the server's dedupe by id alone keeps a message single.
    (navigator.locks ? navigator.locks.request(env.lock, work) : work()).then(done, done);
  };

  return {
    list,
    drop,
    drain,
    add(m, p) {
      const all = list();
      const id = uuidv7(Date.now(), timeOf(all[all.length - 1]?.id || ''));
      put({ id, m, p: { client_message_id: id, ...p } as Entry['p'], at: Date.now() });
      tell();
      drain();
    },
    resend(id) {
      const entry = list().find((one) => one.id === id);
      if (!entry) return;
      delete entry.err;
      put(entry);
      tell();
      drain();
    },
  };
}
