import { afterEach, describe, expect, it, vi } from 'vitest';
import { timeOf, uuidv7 } from '../src/panel/ids';
import { nextEntry, onItsWay, retryDelay, tooLarge } from '../src/panel/queue';
import { createSender } from '../src/panel/sender';
import { createStore, type Upload } from '../src/panel/state';
import type { Entry } from '../src/shared/port';
import type { Answer } from '../src/shared/wire';

const refused = { code: 'invalid', message: 'no' };
const entry = (id: string, m: Entry['m'] = 'message.post', err?: Entry['err']): Entry => ({ id, m, at: 0, p: { client_message_id: id, conversation: null, text: id }, err });

describe('the outbox', () => {
  it('sends the oldest, and nothing of a kind behind one that was refused', () => {
    expect(nextEntry([])).toBe(undefined);
    expect(nextEntry([entry('1'), entry('2')])!.id).toBe('1');
    expect(nextEntry([entry('1', 'message.post', refused), entry('2')])).toBe(undefined);
    expect(nextEntry([entry('1', 'offline.post', refused), entry('2')])!.id).toBe('2');
  });

  it('sends no message before a file that was chosen before it', () => {
    const box = [entry('1'), entry('2'), entry('3')];
    expect(nextEntry(box, '2')!.id).toBe('1');
    expect(nextEntry(box.slice(1), '2')!.id, 'the file’s own message').toBe('2');
    expect(nextEntry(box.slice(2), '2')).toBe(undefined);
    expect(nextEntry([entry('3', 'offline.post')], '2')!.id).toBe('3');
    const upload = (id: string, err: Upload['err'] = null): Upload => ({ id, at: 0, name: 'a', size: 1, media_type: '', preview: null, progress: 0, err });
    expect(onItsWay([upload('1', refused), upload('2'), upload('3')])).toBe('2');
    expect(onItsWay([upload('1', refused)])).toBe(undefined);
  });

  it('tries again what may pass, and only that', () => {
    expect(retryDelay({ code: 'rate_limited', message: '', retry_after_ms: 700 }, 0, 0)).toBe(700);
    expect([0, 1, 4, 5, 9].map((attempt) => retryDelay({ code: 'unavailable', message: '' }, attempt, 1))).toEqual([1000, 2000, 16000, 30000, 30000]);
    expect(retryDelay({ code: 'internal', message: '' }, 0, 0)).toBe(500);
    for (const code of ['invalid', 'conflict', 'too_large', 'forbidden', 'not_found']) expect(retryDelay({ code, message: '' }, 0, 0.5)).toBe(-1);
  });

  it('knows what is too large to be sent, in characters and in bytes', () => {
    const of = (text: string, m: Entry['m'] = 'message.post') => tooLarge({ ...entry('1', m), p: { client_message_id: '1', conversation: null, text } }, 8000)?.code;
    expect(of('😀'.repeat(8000))).toBe(undefined);
    expect(of('a'.repeat(8001))).toBe('too_large');
    expect(of('가'.repeat(19_000), 'offline.post')).toBe(undefined);
    expect(of('가'.repeat(20_000), 'offline.post')).toBe('too_large');
  });

  it('makes ids whose order is the order of writing, also after the clock went back', () => {
    const ids = [uuidv7(2000), uuidv7(2000), uuidv7(1000), uuidv7(1000, 9000), uuidv7(3000)];
    expect([...ids].sort()).toEqual(ids);
    expect(timeOf(ids[3]!)).toBe(9001);
    for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });
});

/** A sender with a loader's storage in front of it. */
function scene(answers: (Answer | null)[]) {
  const store = createStore();
  const asked: string[] = [];
  const acked: string[] = [];
  let stored: Entry[] = [];
  let given = 0;
  const tell = (): void => store.set({ outbox: stored });
  const sender = createSender({
    store,
    request: async (_m, p) => {
      asked.push((p as { text: string }).text);
      return answers.shift() ?? null;
    },
    put(one) {
      stored = [...stored.filter((other) => other.id !== one.id), one].sort((a, b) => (a.id < b.id ? -1 : 1));
      tell();
    },
    drop(id) {
      stored = stored.filter((one) => one.id !== id);
      tell();
    },
    turn: async () => tell(),
    done: () => void (given += 1),
    acked: (one) => acked.push((one.p as { text: string }).text),
  });
  const write = (text: string): void => sender.add('message.post', { conversation: null, text });
  return { store, sender, asked, acked, write, given: () => given };
}

describe('the sender', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('waits for a connection, then sends in order, one after the other', async () => {
    const { store, sender, asked, acked, write } = scene([{ ok: {} }, { ok: {} }, { ok: {} }]);
    for (const text of ['a', 'b', 'c']) write(text);
    sender.drain();
    expect(asked).toEqual([]);
    store.set({ up: true });
    sender.drain();
    sender.drain();
    await vi.waitFor(() => expect(acked).toEqual(['a', 'b', 'c']));
    expect(asked).toEqual(['a', 'b', 'c']);
    expect(store.get().outbox).toEqual([]);
  });

  it('stops at an answer that never came and sends the same again', async () => {
    const { store, sender, asked, acked, write } = scene([{ ok: {} }, null, { ok: {} }, { ok: {} }]);
    for (const text of ['a', 'b', 'c']) write(text);
    store.set({ up: true });
    sender.drain();
    await vi.waitFor(() => expect(asked).toEqual(['a', 'b']));
    await Promise.resolve();
    sender.drain();
    await vi.waitFor(() => expect(acked).toEqual(['a', 'b', 'c']));
    expect(asked).toEqual(['a', 'b', 'b', 'c']);
  });

  it('marks a refused one, holds the later ones, and goes on after resending', async () => {
    const { store, sender, asked, acked, write } = scene([{ err: refused }, { ok: {} }, { ok: {} }]);
    for (const text of ['a', 'b']) write(text);
    store.set({ up: true });
    sender.drain();
    await vi.waitFor(() => expect(store.get().outbox[0]!.err).toEqual(refused));
    expect(asked).toEqual(['a']);
    const { id } = store.get().outbox[0]!;
    sender.resend(id);
    sender.drain();
    await vi.waitFor(() => expect(acked).toEqual(['a', 'b']));
  });

  it('marks what is too large without sending it', async () => {
    const { store, sender, asked, write } = scene([]);
    write('a'.repeat(9000));
    store.set({ up: true });
    sender.drain();
    await vi.waitFor(() => expect(store.get().outbox[0]!.err?.code).toBe('too_large'));
    expect(asked).toEqual([]);
  });

  it('keeps its turn while a file is on its way, and sends in the order written', async () => {
    vi.stubGlobal('document', { hidden: false });
    const { store, sender, acked, write, given } = scene([{ ok: {} }, { ok: {} }]);
    const upload: Upload = { id: uuidv7(Date.now()), at: 0, name: 'a.png', size: 1, media_type: 'image/png', preview: null, progress: 0, err: null };
    store.set({ up: true, uploads: [upload] });
    sender.drain();
    write('after the file');
    sender.drain();
    await new Promise((done) => setTimeout(done));
    expect(acked).toEqual([]);
    expect(given()).toBe(0);
    sender.add('message.post', { conversation: null, text: 'the file' }, undefined, upload.id);
    store.set({ uploads: [] });
    await vi.waitFor(() => expect(acked).toEqual(['the file', 'after the file']));
    await vi.waitFor(() => expect(given()).toBeGreaterThan(0));
  });

  it('lets go what waits behind a file that failed', async () => {
    vi.stubGlobal('document', { hidden: false });
    const { store, sender, acked, write } = scene([{ ok: {} }]);
    const upload: Upload = { id: uuidv7(Date.now()), at: 0, name: 'a.png', size: 1, media_type: 'image/png', preview: null, progress: 0, err: null };
    store.set({ up: true, uploads: [upload] });
    write('after the file');
    sender.drain();
    store.set({ uploads: [{ ...upload, err: refused }] });
    await vi.waitFor(() => expect(acked).toEqual(['after the file']));
  });

  it('goes on when the page is looked at again', async () => {
    const page = { hidden: true };
    vi.stubGlobal('document', page);
    const { store, sender, asked, acked, write } = scene([{ err: { code: 'unavailable', message: '' } }, { ok: {} }]);
    write('a');
    store.set({ up: true });
    sender.drain();
    await vi.waitFor(() => expect(asked).toEqual(['a']));
    await new Promise((done) => setTimeout(done));
    page.hidden = false;
    sender.drain();
    await vi.waitFor(() => expect(acked).toEqual(['a']));
  });

  it('waits and repeats when the server is busy', async () => {
    vi.stubGlobal('document', { hidden: false });
    const { store, sender, asked, acked, write } = scene([{ err: { code: 'unavailable', message: '', retry_after_ms: 5 } }, { ok: {} }]);
    write('a');
    store.set({ up: true });
    sender.drain();
    await vi.waitFor(() => expect(acked).toEqual(['a']));
    expect(asked).toEqual(['a', 'a']);
  });
});
