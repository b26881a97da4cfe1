import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchStrays } from '../src/shared/strays';

let known: string | undefined;
let hellos: number;
let stray: (channel: string) => void;

beforeEach(() => {
  vi.useFakeTimers();
  known = undefined;
  hellos = 0;
  stray = watchStrays(() => known, () => void hellos++);
});
afterEach(() => void vi.useRealTimers());

it('says hello for a newer conversation, once for each', () => {
  known = 'c/t/2';
  for (let i = 0; i < 9; i++) stray('c/t/3');
  vi.advanceTimersByTime(60_000);
  stray('c/t/3');
  vi.advanceTimersByTime(60_000);
  expect(hellos).toBe(1);
  stray('c/t/4');
  vi.advanceTimersByTime(60_000);
  expect(hellos).toBe(2);
});

it('leaves older ones, the known one and other channels alone', () => {
  known = 'c/t/2';
  for (const channel of ['c/t/1', 'c/t/2', 'v/t/9', 's/t/9']) stray(channel);
  vi.advanceTimersByTime(60_000);
  expect(hellos).toBe(0);
});

it('waits for the answer or the news that usually names it', () => {
  stray('c/t/1');
  vi.advanceTimersByTime(1000);
  known = 'c/t/1';
  vi.advanceTimersByTime(60_000);
  expect(hellos).toBe(0);
});
