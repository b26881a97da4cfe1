// Sends the outbox: one entry at a time, in order, by one tab. The entries themselves lie in the loader's storage; here they are
// only put, dropped and marked, and what the loader then tells is the truth.

import { timeOf, uuidv7 } from './ids';
import type { Entry, OfflineIn, MessageIn } from '../shared/port';
import type { Answer, Attachment } from '../shared/wire';
import { nextEntry, onItsWay, retryDelay, tooLarge } from './queue';
import type { Store } from './state';

export interface SenderEnv {
  store: Store;
  request(m: string, p: unknown): Promise<Answer | null>;
  put(entry: Entry): void;
  drop(id: string): void;
  /** Waits for this tab's turn; the state's outbox is then what is stored. */
  turn(): Promise<void>;
  done(): void;
  acked(entry: Entry, ok: Record<string, unknown>): void;
}

export interface Sender {
  /** `id`: it takes the place of a file that was chosen then. */
  add(m: 'message.post', p: Omit<MessageIn, 'client_message_id'>, show?: Attachment, id?: string): void;
  add(m: 'offline.post', p: Omit<OfflineIn, 'client_message_id'>): void;
  resend(id: string): void;
  /** Call whenever there may be something to send, or a way to send it; `granted`: it is this tab's turn already. */
  drain(granted?: boolean): void;
}

/** The loader answers within a message or two; it is not waited for longer. */
const PATIENCE = 1000;

export function createSender(env: SenderEnv): Sender {
  const { store } = env;
  let busy = false;
  let again = false;

  /** Waits until the state says so. */
  const settled = (check: () => boolean): Promise<void> =>
    new Promise((done) => {
      const finish = (): void => {
        stop();
        clearTimeout(limit);
        done();
      };
      const stop = store.subscribe(() => check() && finish());
      const limit = setTimeout(finish, PATIENCE);
      if (check()) finish();
    });

  const next = (): Entry | undefined => nextEntry(store.get().outbox, onItsWay(store.get().uploads));
  const uploading = (): boolean => !!onItsWay(store.get().uploads);

  const find = (id: string): Entry | undefined => store.get().outbox.find((one) => one.id === id);

  // Nothing is waited for when the turn is here already: the request leaves before the screen is drawn.
  const work = async (granted: boolean): Promise<void> => {
    if (!granted) await env.turn();
    for (let attempt = 0; store.get().up; ) {
      const entry = next();
      if (!entry) {
        // While a file is on its way the turn is kept: another tab knows nothing of it, and would send what waits behind it. A hidden
        // tab may be stopped at any time, and then the others go before.
        if (!uploading() || document.hidden) return;
        await settled(() => !uploading() || !!next());
        continue;
      }
      const err = tooLarge(entry, store.get().limit);
      const answer = err ? { err } : await env.request(entry.m, entry.p);
      // Without an answer the connection is given up; the next one drains again and sends the same.
      if (!answer) return;
      if (!answer.err) {
        attempt = 0;
        env.acked(entry, answer.ok ?? {});
        env.drop(entry.id);
        await settled(() => !find(entry.id));
        continue;
      }
      const wait = retryDelay(answer.err, attempt++, Math.random());
      if (wait < 0) {
        env.put({ ...entry, err: answer.err });
        await settled(() => !find(entry.id) || !!find(entry.id)?.err);
      } else {
        // A hidden tab may be stopped at any time; another one should not have to wait for it.
        if (document.hidden) return;
        await new Promise((done) => setTimeout(done, wait));
      }
    }
  };

  const drain = (granted = false): void => {
    again = true;
    if (busy) return;
    if (!store.get().up || !(next() || uploading())) {
      if (granted) env.done();
      return;
    }
    busy = true;
    again = false;
    void work(granted).finally(() => {
      env.done();
      busy = false;
      if (again) drain();
    });
  };

  return {
    drain,
    add(m: Entry['m'], p: object, show?: Attachment, place?: string) {
      const { outbox } = store.get();
      const id = place ?? uuidv7(Date.now(), timeOf(outbox[outbox.length - 1]?.id ?? ''));
      env.put({ id, m, p: { client_message_id: id, ...p } as Entry['p'], at: Date.now(), ...(show && { show }) });
    },
    resend(id) {
      const entry = find(id);
      if (!entry) return;
      const { err: _, ...rest } = entry;
      env.put(rest);
    },
  };
}
