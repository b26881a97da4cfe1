import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFollower, type Follower } from '../src/loader/follower';
import type { Conversation, Envelope, Welcome } from '../src/shared/wire';

const conversation = (n: number, last_seq: number) => ({ id: '' + n, channel: 'c/t/' + n, last_seq }) as Conversation;
const welcome = (met: Conversation, unread: number) => ({ conversation: met, unread, entries: [] as unknown }) as Welcome;
const posted = (seq: number, kind = 'operator') => ({ type: 'message.posted', seq, sender: { kind }, data: {} }) as Envelope;
let asked: [string, unknown][];
let hellos: number;
let follower: Follower;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  hellos = 0;
  follower = createFollower({
    request: async (m, p) => (asked.push([m, p]), null),
    greet: () => void hellos++,
    heard: () => {},
    changed: () => {},
  });
});
afterEach(() => void vi.useRealTimers());

it('reports what a welcome brought as delivered', () => {
  follower.welcome(welcome(conversation(1, 5), 2));
  expect(asked).toEqual([['receipt.put', { conversation: '1', delivered: 5 }]]);
});

it('clears the badge when another tab has read everything', () => {
  follower.welcome(welcome(conversation(1, 5), 1));
  follower.pub('c/t/1', { type: 'conversation.resolved', seq: 6, data: {} } as Envelope);
  follower.pub('c/t/1', { type: 'receipt.advanced', data: { side: 'visitor', read: 5 } } as unknown as Envelope);
  expect(follower.unread).toBe(0);
});

it('says hello again for a conversation that began elsewhere', () => {
  follower.welcome(welcome(conversation(2, 1), 0));
  follower.pub('c/t/1', posted(9));
  follower.tops({ 'c/t/1': 9, 'c/t/2': 1 });
  vi.advanceTimersByTime(10_000);
  expect(hellos).toBe(0);
  follower.tops({ 'c/t/2': 1, 'c/t/3': 1 });
  follower.pub('c/t/3', posted(2));
  vi.advanceTimersByTime(10_000);
  expect(hellos).toBe(1);
});
