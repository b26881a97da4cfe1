import { beforeEach, afterEach, describe, expect, it, vi } from 'vitest';
import { createReader } from '../src/panel/reader';
import { createStore } from '../src/panel/state';
import type { Answer, Conversation, Envelope, LogEntry, Welcome } from '../src/shared/wire';

const conversation = (n: number, last_seq: number): Conversation => ({
  id: '' + n, channel: 'c/t/' + n, status: 'open', last_seq, assignee: null, created_at: n,
  receipts: { visitor: { delivered: 0, read: 0 }, operator: { delivered: 0, read: 0 } },
});
const entry = (seq: number, type = 'message.posted', kind: 'operator' | 'visitor' = 'operator'): LogEntry =>
  ({ v: 1, id: 'e' + seq, type, at: seq, seq, sender: { kind, id: kind, name: null }, data: { kind: 'text', text: 't' + seq } });
const welcome = (met: Conversation | null, entries: LogEntry[]): Welcome =>
  ({ v: 1, ticket: 't', visitor: { id: 'me', name: null, email: null }, site: {}, conversation: met, entries, unread: 0, limits: { text: 8000 } }) as unknown as Welcome;

function scene() {
  const store = createStore();
  const asked: [string, Record<string, unknown>][] = [];
  const answers: ((p: Record<string, unknown>) => Promise<Answer | null> | Answer)[] = [];
  let hellos = 0;
  const reader = createReader({
    store,
    request: async (m, p) => {
      asked.push([m, p as Record<string, unknown>]);
      return m === 'channel.since' ? ((await answers.shift()?.(p as Record<string, unknown>)) ?? null) : { ok: {} };
    },
    up: () => true,
    greet: () => void hellos++,
    moved: () => {},
    offered: () => undefined,
    news: () => {},
  });
  return { store, asked, answers, reader, hellos: () => hellos };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { hidden: false });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the reader', () => {
  it('reports as read everything it has, not only up to the last message', () => {
    const { store, reader, asked } = scene();
    store.set({ open: true });
    reader.welcome(welcome(conversation(1, 2), [entry(1), entry(2, 'conversation.resolved')]));
    expect(asked).toEqual([['receipt.put', { conversation: '1', delivered: 2, read: 2 }]]);
    reader.pub('c/t/1', entry(3, 'message.posted', 'visitor'));
    reader.pub('c/t/1', entry(4, 'conversation.reopened'));
    expect(asked).toHaveLength(1);
    expect(store.get().unread).toBe(0);
  });

  it('fetches the log of a conversation that began while another was being fetched', async () => {
    const { store, reader, answers, asked } = scene();
    let late!: (answer: Answer) => void;
    answers.push(
      () => new Promise((done) => (late = done)),
      () => ({ ok: { entries: [entry(1), entry(2)], top: 2, more: false } }),
    );
    reader.welcome(welcome(conversation(1, 1), [entry(1)]));
    reader.pub('c/t/1', entry(3));
    reader.meet(conversation(2, 2));
    late({ ok: { entries: [entry(2), entry(3)], top: 3, more: false } });
    await vi.advanceTimersByTimeAsync(0);
    expect(store.get().log).toMatchObject({ conversation: '2', have: 2 });
    expect(asked.filter(([m]) => m === 'channel.since').map(([, p]) => p.channel)).toEqual(['c/t/1', 'c/t/2']);
  });

  it('asks again for a hole that showed while it was asking, and not for ever', async () => {
    const { store, reader, answers } = scene();
    answers.push(
      () => {
        reader.pub('c/t/1', entry(4));
        return { ok: { entries: [entry(2)], top: 2, more: false } };
      },
      () => ({ ok: { entries: [entry(3), entry(4)], top: 4, more: false } }),
    );
    reader.welcome(welcome(conversation(1, 1), [entry(1)]));
    reader.tops({ 'c/t/1': 2 });
    await vi.advanceTimersByTimeAsync(0);
    expect(store.get().log!.have).toBe(4);
    reader.tops({ 'c/t/1': 9 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.get().log!.have).toBe(4);
  });

  it('says hello again for a conversation that began elsewhere', async () => {
    const { reader, hellos } = scene();
    reader.welcome(welcome(conversation(2, 1), [entry(1)]));
    reader.pub('c/t/1', entry(9));
    reader.tops({ 'c/t/1': 9, 'c/t/2': 1 });
    reader.pub('c/t/3', { type: 'typing.changed', data: {} } as Envelope);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(hellos()).toBe(1);
  });
});
