// A connection that is cut while somebody writes, or that no WebSocket gets through at all: nothing lost, nothing twice, the order kept.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { mark } from './fixtures/log.mjs';
import { openScene } from './fixtures/scene.mjs';

const { test, visitor, profile, conversationOf, api, stalk } = await openScene({ proxied: true });
const present = await api.socket();
after(() => present.close());
const proxy = /** @type {import('./fixtures/proxy.mjs').Proxy} */ (stalk.widgetProxy);

/** @param {string} who @param {number} from @param {number} to */
const marks = (who, from, to) => Array.from({ length: to - from + 1 }, (_, index) => mark(who, from + index));
/** @param {string} id @param {string} text */
const answer = (id, text) => api.post(`/api/v1/conversations/${id}/messages`, { client_message_id: crypto.randomUUID(), text });
/** What the log has, once it has so many. @param {string} id @param {number} count */
async function stored(id, count) {
  const deadline = Date.now() + 40_000;
  for (;;) {
    const found = (await api.log(id)).flatMap((/** @type {any} */ entry) => /\[[a-z]+-\d+\]/.exec(entry.data.text ?? '')?.[0] ?? []);
    if (found.length >= count) return found;
    assert.ok(Date.now() < deadline, `${found.length} of ${count}: ${found}`);
    await pause(50);
  }
}

for (const [name, breaks, heals] of /** @type {const} */ ([['cut', 'cut', 'restore'], ['held', 'hold', 'release']])) {
  test(`ten seconds without a network (connections ${name}) in the middle of writing lose nothing and double nothing`, async () => {
    const guest = await (await visitor()).goto();
    await guest.open();
    for (const it of marks(name, 1, 3)) await guest.say(`${it} before`);
    const id = await conversationOf(mark(name, 3));
    // In the middle of a message that is on its way.
    await guest.say(`${mark(name, 4)} on its way`);
    proxy[breaks]();
    for (const it of marks(name, 5, 9)) {
      await guest.say(`${it} into the dark`);
      await pause(2_000);
    }
    await answer(id, `${mark('shop', 1)} meanwhile`);
    await guest.panel.getByTestId('connection-banner').waitFor();
    await guest.sees(mark(name, 9), 'sending');
    proxy[heals]();
    for (const it of marks(name, 10, 11)) await guest.say(`${it} after it`);
    await guest.message(mark('shop', 1)).first().waitFor({ timeout: 40_000 });
    const log = await stored(id, 12);
    assert.deepEqual(log.filter((it) => it !== mark('shop', 1)), marks(name, 1, 11));
    await guest.panel.getByTestId('connection-banner').waitFor({ state: 'hidden', timeout: 40_000 });
    assert.deepEqual(await guest.marks(12), log, 'the screen has the log');
    await guest.page.context().close();
  });
}

test('where WebSockets are blocked altogether, a cut in between loses nothing either, and two tabs show the same', async () => {
  const context = await profile();
  await context.addInitScript(() => {
    Object.assign(window, {
      WebSocket: class {
        constructor() {
          setTimeout(() => /** @type {any} */ (this).onclose?.({ code: 1006 }));
        }
        send() {}
        close() {}
      },
    });
  });
  const guest = await (await visitor(context)).goto();
  await guest.launcher.waitFor({ timeout: 30_000 });
  await guest.open();
  for (const it of marks('f', 1, 3)) await guest.say(`${it} by fetch`);
  const id = await conversationOf(mark('f', 3));
  proxy.cut();
  for (const it of marks('f', 4, 6)) await guest.say(`${it} into the dark`);
  await pause(3_000);
  proxy.restore();
  await answer(id, `${mark('shop', 2)} meanwhile`);
  await guest.say(`${mark('f', 7)} after it`);
  const log = await stored(id, 8);
  assert.deepEqual(log.filter((it) => it !== mark('shop', 2)), marks('f', 1, 7));
  await guest.message(mark('f', 7), 'stored').first().waitFor({ timeout: 40_000 });
  await guest.message(mark('shop', 2)).first().waitFor({ timeout: 40_000 });
  assert.deepEqual(await guest.marks(8), log);
  const other = await (await visitor(context)).goto('/about');
  await other.launcher.waitFor({ timeout: 30_000 });
  await other.open();
  await other.message(mark('f', 7)).first().waitFor({ timeout: 40_000 });
  assert.deepEqual(await other.marks(8), log);
});
