import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../src/loader/core';
import { createEvents, eventOf } from '../src/loader/more/events';
import type { Answer, TrackedEvent } from '../src/shared/wire';

const page = { url: 'https://shop.test/p/jar', title: 'Moon jar', referrer: '', product: undefined };
const track = (name: unknown, props?: unknown): Call => ['track', [name, props], Date.now(), page];

function scene() {
  const store = new Map<string, string>();
  const asked: { m: string; events: TrackedEvent[]; answer: (answer: Answer | null) => void }[] = [];
  let up = false;
  const events = createEvents({
    get: (key) => store.get(key) ?? null,
    set: (key, value) => void (value === null ? store.delete(key) : store.set(key, value)),
    keys: () => [...store.keys()],
    visit: () => 'visit',
    request: (m, p) => new Promise((answer) => asked.push({ m, events: (p as { events: TrackedEvent[] }).events, answer })),
    up: () => up,
  });
  return { store, asked, events, connect: (to = true) => (up = to) };
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

describe('what a page tells of its visitor', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is an event of the protocol', () => {
    expect(eventOf(['page', [], 7, page], 'id', 'v')).toEqual({ v: 1, id: 'id', at: 7, visit: 'v', kind: 'page.entered', page });
    expect(eventOf(track('size_chart.opened', { size: 'L' }), 'id', 'v')).toMatchObject({ kind: 'custom', name: 'size_chart.opened', props: { size: 'L' } });
    expect(eventOf(track('cart.changed', { value: 1, currency: 'KRW' }), 'id', 'v')).toMatchObject({ kind: 'cart.changed', props: { value: 1 } });
    expect(eventOf(track('order.placed'), 'id', 'v')).toMatchObject({ kind: 'order.placed', props: {} });
    expect(eventOf(track(7), 'id', 'v')).toBeNull();
    expect(eventOf(['nonsense', [], 7, page], 'id', 'v')).toBeNull();
  });

  it('waits in the outbox for a connection, and leaves it with the answer', async () => {
    const { store, asked, events, connect } = scene();
    events.take(track('one'));
    events.take(track('two'));
    expect([store.size, asked.length]).toEqual([2, 0]);
    connect();
    events.flush();
    expect(asked[0]!.events.map((event) => event.name)).toEqual(['one', 'two']);
    expect(store.size).toBe(2);
    asked[0]!.answer({ ok: { accepted: 2, refused: [] } });
    await settle();
    expect(store.size).toBe(0);
  });

  it('survives a lost answer and a database that is away', async () => {
    const { store, asked, events, connect } = scene();
    connect();
    events.take(track('one'));
    asked[0]!.answer(null);
    await settle();
    await vi.advanceTimersByTimeAsync(4000);
    asked[1]!.answer({ err: { code: 'unavailable', message: 'away' } });
    await settle();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked[2]!.events).toEqual(asked[0]!.events);
    asked[2]!.answer({ err: { code: 'rate_limited', message: 'slow down', retry_after_ms: 700 } });
    await settle();
    await vi.advanceTimersByTimeAsync(700);
    asked[3]!.answer({ ok: { accepted: 1, refused: [] } });
    await settle();
    expect(store.size).toBe(0);
  });

  it('gives up what the server refuses, and says so where the shop’s developer looks', async () => {
    const said = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { store, asked, events, connect } = scene();
    connect();
    events.take(track('x'.repeat(61)));
    asked[0]!.answer({ ok: { accepted: 0, refused: [{ id: 'id', fields: { name: 'has 61 characters' } }] } });
    await settle();
    expect(store.size).toBe(0);
    expect(said).toHaveBeenCalledOnce();
    said.mockRestore();
  });

  it('goes in batches, oldest first, and skips what nobody can read or is too old', async () => {
    const { store, asked, events, connect } = scene();
    for (let i = 0; i < 60; i++) events.take(track('e' + i));
    store.set('out.00000000-0000-7000-8000-000000000000', '{"v":1}');
    store.set('out.' + [...store.keys()][0]!.slice(4, -1) + 'z', 'broken');
    store.set('out:a-message', '{}');
    connect();
    events.flush();
    expect(asked[0]!.events.map((event) => event.name)).toEqual(Array.from({ length: 50 }, (_, i) => 'e' + i));
    asked[0]!.answer({ ok: { accepted: 50, refused: [] } });
    await settle();
    expect(asked[1]!.events).toHaveLength(10);
    asked[1]!.answer({ ok: { accepted: 10, refused: [] } });
    await settle();
    expect([...store.keys()]).toEqual(['out:a-message']);
  });
});
