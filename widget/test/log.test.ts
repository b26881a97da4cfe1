import { describe, expect, it } from 'vitest';
import { emptyLog, firstSeq, fromNewest, olderRange, prepend, take } from '../src/panel/log';
import type { LogEntry } from '../src/shared/wire';

const entry = (seq: number): LogEntry => ({ v: 1, id: 'e' + seq, type: 'message.posted', at: seq, seq, data: { kind: 'text', text: 't' + seq } });
const entries = (from: number, to: number): LogEntry[] => Array.from({ length: to - from + 1 }, (_, i) => entry(from + i));
const seqs = (all: LogEntry[]): number[] => all.map((one) => one.seq);

describe('the log', () => {
  it('takes what continues it and drops what it has', () => {
    const one = take(emptyLog('c', 'ch'), entries(1, 3));
    expect(one.log.have).toBe(3);
    const two = take(one.log, [entry(2), entry(3)]);
    expect(two.log).toBe(one.log);
    expect(two.hole).toBe(false);
    expect(seqs(take(one.log, entries(2, 5)).fresh)).toEqual([4, 5]);
  });

  it('sees a hole and takes nothing behind it', () => {
    const { log, fresh, hole } = take(emptyLog('c', 'ch', 3), [entry(5), entry(6)]);
    expect(hole).toBe(true);
    expect(fresh).toEqual([]);
    expect(log.have).toBe(3);
    const filled = take(log, entries(4, 6));
    expect(filled.hole).toBe(false);
    expect(filled.log.have).toBe(6);
  });

  it('puts what came out of order in order', () => {
    expect(seqs(take(emptyLog('c', 'ch'), [entry(3), entry(1), entry(2)]).log.entries)).toEqual([1, 2, 3]);
  });

  it('starts from the newest entries and loads what came before them, without a hole', () => {
    const { log } = fromNewest('c', 'ch', entries(121, 320), 320);
    expect([firstSeq(log), log.have]).toEqual([121, 320]);
    expect(olderRange(log, 50)).toEqual({ after: 70, limit: 50 });
    const more = prepend(log, entries(71, 120));
    expect(firstSeq(more)).toBe(71);
    expect(prepend(more, entries(10, 20))).toBe(more);
    expect(olderRange(prepend(more, entries(1, 70)), 50)).toBe(null);
    expect(olderRange(fromNewest('c', 'ch', entries(31, 40), 40).log, 50)).toEqual({ after: 0, limit: 30 });
  });

  it('of an empty conversation begins at its end', () => {
    expect(fromNewest('c', 'ch', [], 0).log).toEqual(emptyLog('c', 'ch'));
    expect(fromNewest('c', 'ch', [], 9).log.have).toBe(9);
  });
});
