import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createConnection, type Connection } from '../src/shared/connection';
import type { LinkEvents } from '../src/shared/link';
import type { Welcome } from '../src/shared/wire';

const welcome = {} as Welcome;
let dials: { blocked: boolean; on: LinkEvents; closed: boolean }[];
let log: string[];
let connection: Connection;
let otherWay = true;
let welcomed: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
  vi.stubGlobal('window', globalThis);
  dials = [];
  log = [];
  otherWay = true;
  welcomed = () => void log.push('welcome');
  connection = createConnection({
    dial(blocked, on) {
      const dial = { blocked, on, closed: false };
      dials.push(dial);
      if (blocked && !otherWay) return;
      return { request: () => Promise.resolve({ ok: {} }), close: () => void (dial.closed = true) };
    },
    welcome: () => welcomed(),
    pub: () => {},
    tops: () => {},
    changed: (up) => log.push(up ? 'up' : 'down'),
    forget: () => !!log.push('forget'),
    barred: (code) => log.push('refused ' + code),
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const last = () => dials[dials.length - 1]!;

describe('a connection', () => {
  it('is up from the welcome to the loss, and comes back', () => {
    connection.start();
    last().on.welcome(welcome);
    last().on.closed(4000, 0, true);
    expect(log).toEqual(['welcome', 'up', 'down']);
    vi.advanceTimersByTime(1000);
    expect(dials).toHaveLength(2);
  });

  it('waits longer after each failure, also when it is welcomed and thrown out at once', () => {
    connection.start();
    const waits = [1000, 1000, 2000, 4000];
    for (const wait of waits) {
      last().on.welcome(welcome);
      last().on.closed(4003, 0, true);
      const before = dials.length;
      vi.advanceTimersByTime(wait - 1);
      expect(dials).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(dials).toHaveLength(before + 1);
    }
    last().on.welcome(welcome);
    vi.advanceTimersByTime(6000);
    last().on.closed(1006, 0, true);
    vi.advanceTimersByTime(1000);
    expect(dials).toHaveLength(waits.length + 2);
  });

  it('stops for good when it is not wanted here', () => {
    connection.start();
    last().on.closed(4200, 0, true);
    vi.advanceTimersByTime(100_000);
    expect(log).toEqual(['refused 4200']);
    expect(dials).toHaveLength(1);
  });

  it('forgets a refused credential before it comes back', () => {
    connection.start();
    last().on.closed(4100, 0, true);
    expect(log).toEqual(['forget']);
    vi.advanceTimersByTime(1000);
    expect(dials).toHaveLength(2);
  });

  it('tries the other way after two sockets that never opened, and not once one did', () => {
    connection.start();
    last().on.closed(1006, 0, false);
    vi.advanceTimersByTime(1000);
    last().on.closed(1006, 0, false);
    vi.advanceTimersByTime(1000);
    expect(dials.map((dial) => dial.blocked)).toEqual([false, false, true]);
    // As long as it reaches the server it is kept.
    last().on.closed(1006, 0, true);
    vi.advanceTimersByTime(4000);
    expect(last().blocked).toBe(true);
    last().on.closed(1006, 0, false);
    vi.advanceTimersByTime(4000);
    expect(last().blocked).toBe(false);
    last().on.closed(1006, 0, true);
    for (let i = 0; i < 4; i++) {
      vi.advanceTimersByTime(30_000);
      last().on.closed(1006, 0, false);
    }
    expect(dials.filter((dial) => dial.blocked)).toHaveLength(2);
  });

  it('goes back to the socket when the other way has no link of its own and proves nothing', () => {
    otherWay = false;
    connection.start();
    for (let i = 0; i < 2; i++) {
      last().on.closed(1006, 0, false);
      vi.advanceTimersByTime(1000);
    }
    expect(last().blocked).toBe(true);
    vi.advanceTimersByTime(12_000);
    expect(last().blocked).toBe(false);
  });

  it('can be used from the welcome on', async () => {
    let answer: unknown;
    welcomed = () => void connection.request('receipt.put', {}).then((one) => (answer = one));
    connection.start();
    expect(await connection.request('receipt.put', {})).toBe(null);
    last().on.welcome(welcome);
    await Promise.resolve();
    expect(answer).toEqual({ ok: {} });
    expect(log).toEqual(['up']);
  });

  it('is not up when the welcome was turned down', () => {
    welcomed = () => connection.drop();
    connection.start();
    last().on.welcome(welcome);
    expect(connection.up()).toBe(false);
    expect(log).not.toContain('up');
    welcomed = () => {};
    vi.advanceTimersByTime(1000);
    last().on.welcome(welcome);
    expect(connection.up()).toBe(true);
  });

  it('hears nothing from a link it has given up', () => {
    connection.start();
    const first = last();
    connection.drop();
    expect(first.closed).toBe(true);
    vi.advanceTimersByTime(1000);
    first.on.closed(4200, 0, true);
    expect(log).toEqual([]);
    connection.stop();
    vi.advanceTimersByTime(100_000);
    expect(dials).toHaveLength(2);
  });
});
