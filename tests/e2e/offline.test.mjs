// The network goes, the server goes: nothing typed is lost, nothing comes twice.

import assert from 'node:assert/strict';
import { mark } from './fixtures/log.mjs';
import { openScene } from './fixtures/scene.mjs';

const { test, operator, visitor, conversationOf, api, stalk } = await openScene({ proxied: true });

/** @param {string} who @param {number} from @param {number} to */
const marks = (who, from, to) => Array.from({ length: to - from + 1 }, (_, index) => mark(who, from + index));

/** @param {string} id */
const stored = async (id) => (await api.log(id)).map((/** @type {any} */ entry) => /\[[a-z]+-\d+\]/.exec(entry.data.text ?? '')?.[0]).filter(Boolean);

test('ten messages, the network cut in the middle, the page reloaded meanwhile: all are there once and in order', async () => {
  const shop = await operator();
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.say(`${mark('c', 1)} before`);
  const id = await conversationOf(mark('c', 1));
  await shop.open(id);

  for (const it of marks('c', 2, 4)) await guest.say(`${it} on the way`);
  stalk.widgetProxy?.cut();
  for (const it of marks('c', 5, 10)) await guest.say(`${it} into the dark`);
  await guest.sees(mark('c', 10), 'sending');
  await guest.panel.getByTestId('connection-banner').waitFor();

  await guest.page.reload();
  stalk.widgetProxy?.restore();
  // Without a network the page may not even have got the loader; people reload.
  await guest.launcher.waitFor({ timeout: 3_000 }).catch(() => guest.page.reload());
  await guest.open();
  await shop.sees(mark('c', 10));
  await guest.sees(mark('c', 10), 'read');
  assert.deepEqual(await stored(id), marks('c', 1, 10));
  assert.deepEqual(await shop.marks(10), marks('c', 1, 10));
  assert.deepEqual(await guest.marks(10), marks('c', 1, 10));
});

test('the server is killed under both pages and comes back: they say so, resume, and what was typed meanwhile arrives once', async () => {
  const shop = await operator();
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.say(`${mark('k', 1)} before`);
  const id = await conversationOf(mark('k', 1));
  await shop.open(id);
  await shop.say(`${mark('k', 2)} answer`);
  await guest.sees(mark('k', 2));

  await stalk.kill();
  await Promise.all([guest.panel.getByTestId('connection-banner').waitFor(), shop.page.getByTestId('connection-banner').waitFor()]);
  for (const it of marks('v', 1, 3)) await guest.say(`${it} while it was away`);
  for (const it of marks('o', 1, 3)) await shop.say(`${it} while it was away`);
  await guest.sees(mark('v', 3), 'sending');
  await shop.sees(mark('o', 3), 'sending');

  await stalk.launch();
  // Up to a few waits of 1, 2, 4 s with jitter, however often they had tried before.
  const soon = { timeout: 35_000 };
  await Promise.all([guest.message(mark('o', 3)).first().waitFor(soon), shop.message(mark('v', 3)).first().waitFor(soon)]);
  await Promise.all([guest.sees(mark('v', 3), 'read'), shop.sees(mark('o', 3), 'read')]);
  await guest.panel.getByTestId('connection-banner').waitFor({ state: 'hidden' });
  await shop.page.getByTestId('connection-banner').waitFor({ state: 'hidden' });
  const log = await stored(id);
  assert.equal(log.length, 8);
  assert.deepEqual(log.filter((it) => it.startsWith('[v')), marks('v', 1, 3));
  assert.deepEqual(log.filter((it) => it.startsWith('[o')), marks('o', 1, 3));
  assert.deepEqual(await guest.marks(8), log);
  assert.deepEqual(await shop.marks(8), log);
});
