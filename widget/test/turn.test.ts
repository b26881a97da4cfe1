import { beforeEach, expect, it } from 'vitest';
import { createTurn, type Request, type Turn } from '../src/loader/more/turn';

/** One lock of one origin, as the browser keeps it. */
function browser(): Request {
  let held = false;
  const queue: (() => void)[] = [];
  return async ({ ifAvailable }, callback) => {
    if (held && ifAvailable) return void (await callback(null));
    if (held) await new Promise<void>((free) => queue.push(free));
    held = true;
    await callback({});
    held = false;
    queue.shift()?.();
  };
}

let lock: Request;
let used: Record<string, boolean>;
const tab = (name: string): Turn => createTurn(lock, () => used[name]!);
const soon = () => new Promise((done) => setTimeout(done));
const taken = (turn: Turn): { granted: boolean } => {
  const state = { granted: false };
  turn.take(() => (state.granted = true));
  return state;
};

beforeEach(() => {
  lock = browser();
  used = { a: true, b: true };
});

it('is kept by the tab in use, so that sending waits for nothing', async () => {
  const a = tab('a');
  a.warm();
  await soon();
  expect(a.holds()).toBe(true);
  a.done();
  expect(taken(a).granted).toBe(true);
});

it('goes to another tab that has something to send, but not in the middle of a message', async () => {
  const [a, b] = [tab('a'), tab('b')];
  a.warm();
  await soon();
  expect(a.holds()).toBe(true);
  const other = taken(b);
  await soon();
  a.contest();
  await soon();
  expect(other.granted).toBe(false);
  a.done();
  await soon();
  expect(other.granted).toBe(true);
  expect(a.holds()).toBe(false);
});

it('goes at once when nothing is being sent', async () => {
  const [a, b] = [tab('a'), tab('b')];
  a.warm();
  await soon();
  const other = taken(b);
  a.contest();
  await soon();
  expect(other.granted).toBe(true);
});

it('is not kept by a tab that nobody uses', async () => {
  const [a, b] = [tab('a'), tab('b')];
  used.a = false;
  a.warm();
  const mine = taken(a);
  await soon();
  expect(mine.granted).toBe(true);
  a.done();
  const other = taken(b);
  await soon();
  expect(other.granted).toBe(true);
});

it('is there without locks too', () => {
  const a = createTurn(null, () => true);
  expect(taken(a).granted).toBe(true);
  a.done();
  expect(taken(a).granted).toBe(true);
});
