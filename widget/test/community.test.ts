import { describe, expect, it } from 'vitest';
import { EMPTY, erase, MOST, rename, starts, take, type Line } from '../src/community/stream';
import { span, words } from '../src/community/words';
import type { LogEntry } from '../src/shared/wire';

const said = (seq: number, text = 'hi', id = 'mina'): LogEntry => ({
  v: 1, id: 'e' + seq, type: 'message.posted', at: seq * 1000, seq, sender: { kind: 'visitor', id, name: id }, client_message_id: 'c' + seq, data: { kind: 'text', text },
});

describe('the stream of a community', () => {
  it('takes what follows, once, and keeps the newest', () => {
    const two = take(EMPTY, [said(1), said(2), said(2)]);
    expect([two.have, two.lines.length]).toEqual([2, 2]);
    expect(take(two, [said(1)]).lines).toHaveLength(2);
    const many = take(EMPTY, Array.from({ length: MOST + 9 }, (_, i) => said(i + 1)));
    expect([many.have, many.lines.length, many.lines[0]!.seq]).toEqual([MOST + 9, MOST, 10]);
  });

  it('empties what was deleted where it stood, also when it came deleted', () => {
    const log = take(EMPTY, [said(1, '<b>bold</b>'), said(2), { ...said(3), type: 'message.retracted', data: { target: 1 } }, { ...said(4), data: { kind: 'retracted' } }]);
    expect(log.lines.map((line) => line.text)).toEqual([null, 'hi', null]);
    expect(log.have).toBe(4);
  });

  it('shows everything of a person under the name they have now, and nothing of who was erased', () => {
    const log = take(EMPTY, [said(1), said(2, 'hey', 'jonas')]);
    expect(rename(log, ['mina'], 'Mina P.').lines.map((line) => line.sender.name)).toEqual(['Mina P.', 'jonas']);
    expect(erase(log, ['mina']).lines.map((line) => [line.text, line.sender.name])).toEqual([[null, null], ['hey', 'jonas']]);
  });

  it('names a person once for what they say in a row', () => {
    const line = (at: number, id: string): Line => ({ seq: at, id: 'x', at, sender: { kind: 'visitor', id, name: id }, text: 'x', clientId: null });
    expect(starts(line(1, 'a'), undefined)).toBe(true);
    expect(starts(line(2, 'a'), line(1, 'a'))).toBe(false);
    expect(starts(line(2, 'b'), line(1, 'a'))).toBe(true);
    expect(starts(line(999999, 'a'), line(1, 'a'))).toBe(true);
  });
});

describe('how long', () => {
  it('is said in seconds, minutes and hours, and never as nothing', () => {
    const en = words('en-US');
    expect([0, 900, 90_000, 300_000, 9_000_000].map((ms) => span(en, ms))).toEqual(['1 s', '1 s', '90 s', '5 min', '3 h']);
    expect(span(words('ko'), 300_000)).toBe('5분');
  });
});
