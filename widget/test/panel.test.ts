import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFiles, refusal } from '../src/panel/files';
import { translator } from '../src/panel/i18n';
import { createLinks } from '../src/panel/links';
import { beforeChat, createStore, initial } from '../src/panel/state';
import { contrast, isDark, palette } from '../src/panel/theme';
import { arrange, fold, steady } from '../src/panel/timeline';
import { opening, replyTime } from '../src/panel/times';
import { transcript } from '../src/panel/transcript';
import { tellTyping } from '../src/panel/typing';
import type { LogEntry, Site } from '../src/shared/wire';

const site = { name: 'Shop', available: true } as Site;
const entry = (seq: number, type: string, data: object, kind = 'operator'): LogEntry =>
  ({ v: 1, id: '' + seq, type, at: 1_000_000 + seq, seq, sender: { kind, id: kind, name: 'Mina' }, data }) as LogEntry;
const log = (...entries: LogEntry[]) => ({ conversation: 'x', channel: 'c/t/x', have: entries.length, entries });
const NONE = { delivered: 0, read: 0 };

describe('when a shop opens again', () => {
  const now = new Date(2026, 10, 23, 12, 30).getTime();
  it('is a time today, and a day with it later', () => {
    expect(opening(new Date(2026, 10, 23, 13, 0).getTime(), now, 'en').replace(/\s/g, ' ')).toBe('1:00 PM');
    expect(opening(new Date(2026, 10, 24, 9, 0).getTime(), now, 'en').replace(/\s/g, ' ')).toBe('Tue, Nov 24, 9:00 AM');
    expect(opening(new Date(2026, 10, 24, 9, 0).getTime(), now, 'ko')).toMatch(/^11월 24일 \(화\) .*9:00$/);
  });
});

describe('what was said', () => {
  it('is a file, a card or text with answers, and nothing of it once it was taken back', () => {
    const attachment = { id: 'f', name: 'a.png', media_type: 'image/png', size: 1 };
    const items = fold(log(
      entry(1, 'message.posted', { kind: 'attachment', attachment }),
      entry(2, 'message.posted', { kind: 'card', card: { title: 'Apron' } }),
      entry(3, 'message.posted', { kind: 'text', text: 'Which?', quick_replies: [{ label: 'Small' }] }),
      entry(4, 'message.retracted', { target: 1 }),
      entry(5, 'message.posted', { kind: 'retracted' }),
    ), NONE);
    expect(items).toMatchObject([
      { attachment: null, retracted: true }, { card: { title: 'Apron' }, retracted: false }, { text: 'Which?', quick: [{ label: 'Small' }] }, { retracted: true },
    ]);
  });

  it('keeps the last rating only, and ignores what it does not know', () => {
    const items = fold(log(entry(1, 'rating.given', { score: 2 }), entry(2, 'rating.given', { score: 5 }), entry(3, 'conversation.snoozed', {})), NONE);
    expect(items).toMatchObject([{ type: 'rated', score: 5 }]);
  });

  it('is marked where it was unread', () => {
    const items = fold(log(entry(1, 'message.posted', { text: 'a' }), entry(2, 'message.posted', { text: 'b' }, 'visitor'), entry(3, 'message.posted', { text: 'c' })), NONE);
    expect(arrange(items, 1, 'x').map((item) => item.kind)).toEqual(['day', 'message', 'message', 'unread', 'message']);
  });

  it('stays the same object while nothing about it changed', () => {
    const entries = [entry(1, 'message.posted', { text: 'a' }, 'visitor'), entry(2, 'message.posted', { text: 'b' })];
    const before = arrange(fold(log(...entries), NONE));
    const now = steady(before, arrange(fold(log(...entries, entry(3, 'message.posted', { text: 'c' }, 'visitor')), { delivered: 1, read: 1 })));
    expect(now[0]).toBe(before[0]);
    expect(now[1]).not.toBe(before[1]);
    expect(now[2]).toBe(before[2]);
  });

  it('can be taken along as text', () => {
    const t = translator('en');
    const text = transcript(fold(log(
      entry(1, 'message.posted', { text: 'Hello' }, 'visitor'),
      entry(2, 'message.posted', { kind: 'attachment', attachment: { id: 'f', name: 'a.pdf', media_type: 'application/pdf', size: 1 } }),
    ), NONE), 'Shop', 'en', t);
    expect(text).toMatch(/^Chat with Shop\r\n\r\n\[.+\] You: Hello\r\n\[.+\] Mina: \[File: a\.pdf\]\r\n$/);
  });
});

describe('files', () => {
  beforeEach(() => void vi.stubGlobal('URL', { createObjectURL: () => 'blob:x' }));
  afterEach(() => void vi.unstubAllGlobals());

  it('are refused before they are sent where the site would not take them', () => {
    const allowed = { enabled: true, max_mib: 1, types: 'images' as const };
    expect(refusal({ size: 5, type: 'image/png' }, allowed)).toBe(null);
    expect(refusal({ size: 5, type: 'image/svg+xml' }, allowed)!.code).toBe('type');
    expect(refusal({ size: 2 << 20, type: 'image/png' }, allowed)).toMatchObject({ code: 'too_large', fields: { limit: '1 MB' } });
    expect(refusal({ size: 0, type: 'image/png' }, allowed)!.code).toBe('empty');
  });

  it('go one after the other, come back when they failed, and are gone when cancelled', async () => {
    const store = createStore();
    store.set({ up: true, site: { ...site, files: { enabled: true, max_mib: 1, types: 'all' } } });
    const answers: ((answer: null | object) => void)[] = [];
    const sent: string[] = [];
    const files = createFiles({ store, send: () => new Promise((done) => answers.push(done as never)), sent: ({ id }, _conversation, place) => {
      sent.push(id);
      // As the outbox does it when it has the message.
      store.set({ uploads: store.get().uploads.filter((one) => one.id !== place) });
    } });
    files.add(['a', 'b'].map((name) => new File(['x'], name)));
    expect(answers).toHaveLength(1);
    answers[0]!(null);
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    expect(store.get().uploads.map((one) => one.err?.code)).toEqual(['lost', undefined]);
    answers[1]!({ attachment: { id: 'B' } });
    await vi.waitFor(() => expect(sent).toEqual(['B']));
    files.retry(store.get().uploads[0]!.id);
    expect(answers).toHaveLength(3);
    files.cancel(store.get().uploads[0]!.id);
    answers[2]!({ attachment: { id: 'A' } });
    await Promise.resolve();
    expect(sent).toEqual(['B']);
    expect(store.get().uploads).toEqual([]);
  });

  it('have their addresses asked for together, once, and again when one broke', async () => {
    const store = createStore();
    store.set({ up: true });
    const asked: unknown[] = [];
    const links = createLinks(store, async (_m, p) => {
      asked.push(p);
      return { ok: { links: (p as { ids: string[] }).ids.map((id) => ({ id, url: 'u', thumbnail_url: null, expires_at: Date.now() + 3_600_000 })) } };
    });
    links.want('c', '1');
    links.want('c', '2');
    await vi.waitFor(() => expect(Object.keys(store.get().links)).toEqual(['1', '2']));
    links.want('c', '1');
    links.want('c', '2', true);
    links.want('c', '2', true);
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    expect(asked).toEqual([{ conversation: 'c', ids: ['1', '2'] }, { conversation: 'c', ids: ['2'] }]);
  });
});

describe('what a shop asks before the chat', () => {
  const prechat = { enabled: true, name: 'optional', email: 'required', question: true } as const;

  it('is asked of who has said nothing yet, once', () => {
    const state = { ...initial, site: { ...site, prechat } };
    expect(beforeChat(state)).toBe(true);
    expect(beforeChat({ ...state, kept: { ...state.kept, prechat: '1' } })).toBe(false);
    expect(beforeChat({ ...state, visitor: { id: 'v', name: null, email: null, prechat_done: true } })).toBe(false);
    expect(beforeChat({ ...state, site })).toBe(false);
  });
});

describe('typing', () => {
  afterEach(() => void vi.useRealTimers());

  it('is told with its text only where it may be, and with the last of it', () => {
    vi.useFakeTimers();
    vi.stubGlobal('window', globalThis);
    const told: [boolean, string?][] = [];
    const telling = tellTyping((...what) => void told.push(what as [boolean, string?]));
    telling.key('a', false);
    telling.key('ab', false);
    expect(told).toEqual([[true]]);
    telling.stop();
    told.length = 0;
    telling.key('a', true);
    telling.key('ab', true);
    telling.key('abc', true);
    vi.advanceTimersByTime(1000);
    expect(told).toEqual([[true, 'a'], [true, 'abc']]);
    vi.unstubAllGlobals();
  });
});

describe('looks', () => {
  it('follow the shop’s wish before the system', () => {
    expect([isDark('dark', false), isDark('light', true), isDark('auto', true), isDark(undefined, false)]).toEqual([true, false, true, false]);
  });

  it('never make a button that cannot be seen', () => {
    for (const color of ['#ffffff', '#15191e', '#000000', '#ffe14d', '#0f7285']) {
      expect(contrast(palette(color)['fill-light'], [255, 255, 255]), color).toBeGreaterThan(1.25);
      expect(contrast(palette(color)['fill-dark'], [21, 25, 30]), color).toBeGreaterThan(1.1);
    }
  });

  it('tell how long an answer takes without promising too much', () => {
    const t = translator('en');
    expect([20, 61, 3599, 3601].map((seconds) => replyTime(seconds, t))).toEqual(['under a minute', '2 min', '1 h', '2 h']);
  });
});
