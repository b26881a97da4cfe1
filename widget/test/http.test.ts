import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createConnection } from '../src/shared/connection';
import type { Hello } from '../src/shared/wire';
import { httpLink } from '../src/panel/http';

const hello = () => ({ v: 1, site: 'S', ticket: null }) as Hello;
const welcome = { v: 1, ticket: 'good', visitor: { id: '1' }, conversation: null, entries: [], unread: 0 };
let answers: (() => Response)[];
let asked: string[];
let closed: [number, number | undefined][];
let tickets: unknown[];

const json = (status: number, body: unknown) => (): Response => new Response(JSON.stringify(body), { status });
const away = (): Response => {
  throw new TypeError('fetch failed');
};
const open = () =>
  httpLink('', hello, () => ({ channel: 'c/1/1', have: 0 }), {
    welcome: ({ ticket }) => tickets.push(ticket),
    pub: () => {},
    tops: () => {},
    closed: (code, after) => closed.push([code, after]),
  });

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('document', { hidden: false });
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url.split('/').pop()!);
    return (answers.shift() ?? json(200, welcome))();
  });
  answers = [];
  asked = [];
  closed = [];
  tickets = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

it.each([
  [503, { code: 'unavailable', message: 'away' }, [1006, 0]],
  [429, { code: 'rate_limited', message: 'slow', retry_after_ms: 700 }, [4301, 700]],
  [401, { code: 'unauthenticated', message: 'who' }, [4100, 0]],
  [403, { code: 'forbidden', message: 'no' }, [4200, 0]],
  [502, { error: 'a proxy' }, [1006, 0]],
  [200, {}, [1006, 0]],
] as const)('takes no welcome from a %i', async (status, body, end) => {
  answers = [json(status, body)];
  open();
  await vi.advanceTimersByTimeAsync(0);
  expect(tickets).toEqual([]);
  expect(closed).toEqual([end]);
});

it('takes a refusal for what it is, and a proxy’s page for no answer', async () => {
  const link = open();
  await vi.advanceTimersByTimeAsync(0);
  answers = [json(422, { err: { code: 'invalid', message: 'no' } }), json(502, { error: 'a proxy' })];
  expect(await link.request('message.post', {})).toEqual({ err: { code: 'invalid', message: 'no' } });
  expect(closed).toEqual([]);
  expect(await link.request('message.post', {})).toBe(null);
  expect(closed).toEqual([[1006, 0]]);
});

it('goes on asking after the server was away, without waiting for sockets that never get through', async () => {
  const ways: string[] = [];
  const connection = createConnection({
    dial(blocked, on) {
      ways.push(blocked ? 'http' : 'socket');
      if (blocked) return httpLink('', hello, () => null, on);
      setTimeout(() => on.closed(1006, 0, false));
      return { request: async () => null, close() {} };
    },
    welcome: ({ ticket }) => tickets.push(ticket),
    pub: () => {},
    tops: () => {},
    changed: () => {},
    forget: () => true,
    barred: () => {},
  });
  connection.start();
  await vi.advanceTimersByTimeAsync(3000);
  expect(ways).toEqual(['socket', 'socket', 'http']);
  expect(connection.up()).toBe(true);
  // Every sixth poll is a hello.
  answers = [json(503, { code: 'unavailable', message: 'away' })];
  await vi.advanceTimersByTimeAsync(30_000);
  expect(answers).toEqual([]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(connection.up()).toBe(true);
  answers = [away];
  await vi.advanceTimersByTimeAsync(35_000);
  expect(answers).toEqual([]);
  expect(connection.up()).toBe(true);
  expect(ways.slice(2)).not.toContain('socket');
  expect(new Set(tickets)).toEqual(new Set(['good']));
  connection.stop();
});
