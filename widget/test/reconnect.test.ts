import { describe, expect, it } from 'vitest';
import { needsCredential, reconnectDelay, STAY } from '../src/shared/reconnect';

describe('reconnecting', () => {
  it('waits up to a second the first time, then doubles to thirty, with full jitter', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 20].map((attempt) => reconnectDelay(4000, attempt, 0, 1))).toEqual([1000, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
    expect(reconnectDelay(1006, 5, 0, 0)).toBe(0);
    expect(reconnectDelay(1006, 5, 0, 0.5)).toBe(8000);
  });

  it('stays away after 42xx', () => {
    for (const code of [4200, 4201, 4202, 4203, 4299]) expect(reconnectDelay(code, 0, 0, 0.5)).toBe(STAY);
    for (const code of [1006, 4000, 4003, 4100, 4300]) expect(reconnectDelay(code, 0, 0, 0.5)).not.toBe(STAY);
  });

  it('keeps the time that 43xx names, and never comes earlier', () => {
    expect(reconnectDelay(4300, 0, 7000, 0)).toBe(7000);
    expect(reconnectDelay(4301, 9, 7000, 1)).toBe(8000);
    expect(reconnectDelay(4301, 0, 0, 0)).toBe(5000);
  });

  it('keeps the time that a server names, however many attempts came before', () => {
    expect(reconnectDelay(4003, 9, 1000, 1)).toBe(2000);
  });

  it('wants a new credential after 41xx only', () => {
    expect([4000, 4099, 4100, 4101, 4199, 4200].map(needsCredential)).toEqual([false, false, true, true, true, false]);
  });
});
