import { describe, expect, it } from 'vitest';
import { emptyLog, take } from '../src/panel/log';
import { arrange, fold, pending, type Message } from '../src/panel/timeline';
import type { Entry } from '../src/shared/port';
import type { LogEntry, Sender } from '../src/shared/wire';

const visitor: Sender = { kind: 'visitor', id: 'v', name: null };
const mina: Sender = { kind: 'operator', id: 'o', name: 'Mina' };
const NOON = new Date(2026, 10, 20, 12).getTime();
const none = { delivered: 0, read: 0 };

let made: LogEntry[];
const add = (type: string, sender: Sender, data: Record<string, unknown>, at = NOON, id: string | null = null): void => {
  const seq = (made?.length ?? 0) + 1;
  made = [...(made ?? []), { v: 1, id: 'e' + seq, type, at, seq, sender, data, client_message_id: id }];
};
const said = (sender: Sender, text: string, at?: number, id?: string): void => add('message.posted', sender, { kind: 'text', text }, at, id);
const log = () => take(emptyLog('c', 'ch'), made).log;
const begin = (): void => void (made = []);
const messages = (operator = none): Message[] => fold(log(), operator).filter((item): item is Message => item.kind === 'message');
const entry = (id: string, err?: Entry['err']): Entry => ({ id, m: 'message.post', at: NOON, p: { client_message_id: id, conversation: null, text: id }, err });

describe('the timeline', () => {
  it('folds edits and retractions into what they are about', () => {
    begin();
    said(mina, 'first');
    said(mina, 'second');
    add('message.edited', mina, { target: 1, text: 'better' });
    add('message.retracted', mina, { target: 2 });
    add('message.edited', mina, { target: 2, text: 'too late' });
    expect(messages().map((m) => [m.seq, m.text, m.edited, m.retracted])).toEqual([[1, 'better', true, false], [2, '', false, true]]);
  });

  it('shows a message whose text is gone as taken back', () => {
    begin();
    add('message.posted', mina, { kind: 'text' });
    expect(messages()[0]!.retracted).toBe(true);
  });

  it('reads receipts from the watermarks', () => {
    begin();
    for (const text of ['a', 'b', 'c']) said(visitor, text);
    expect(messages({ delivered: 2, read: 1 }).map((m) => m.state)).toEqual(['read', 'delivered', 'stored']);
  });

  it('shows assignment, resolution and reopening, and not the end of an assignment', () => {
    begin();
    add('conversation.assigned', mina, { assignee: { id: 'o', name: 'Mina' } });
    add('conversation.assigned', mina, { assignee: null });
    add('conversation.resolved', mina, {});
    add('conversation.reopened', visitor, {});
    add('conversation.handed_over', { kind: 'virtual_agent', id: 'a', name: null }, { reason: 'misses' });
    expect(fold(log(), none).map((item) => item.kind === 'activity' && item.type)).toEqual(['assigned', 'resolved', 'reopened', 'handedOver']);
  });

  it('shows a message once, whether outbox, acknowledgement or log knows it', () => {
    begin();
    said(visitor, 'x', NOON, 'x');
    expect(pending([entry('x'), entry('y')], [entry('x')], [], log()).map((m) => [m.key, m.state])).toEqual([['y', 'sending']]);
    const y = entry('y');
    const file = { id: 'x', at: 0, name: 'a', size: 1, media_type: 'image/png', preview: null, progress: 0, err: null };
    expect(pending([entry('w'), entry('y')], [], [file], log()).map((m) => [m.key, m.behind])).toEqual([['w', false], ['x', false], ['y', true]]);
    expect(pending([entry('y'), entry('z', { code: 'invalid', message: '' })], [y], [], log()).map((m) => [m.key, m.state])).toEqual([['y', 'stored'], ['z', 'failed']]);
    expect(messages()[0]!.key).toBe('x');
  });

  it('groups one sender within two minutes and draws a line per day', () => {
    begin();
    said(mina, 'a', NOON);
    said(mina, 'b', NOON + 60_000);
    said(mina, 'c', NOON + 60_000 * 4);
    said(visitor, 'd', NOON + 60_000 * 4);
    said(visitor, 'e', NOON + 86_400_000);
    const items = arrange(fold(log(), none));
    expect(items.map((item) => item.kind)).toEqual(['day', 'message', 'message', 'message', 'message', 'day', 'message']);
    expect(items.filter((item): item is Message => item.kind === 'message').map((m) => [m.startsGroup, m.endsGroup])).toEqual([
      [true, false], [false, true], [true, true], [true, true], [true, true],
    ]);
  });
});
