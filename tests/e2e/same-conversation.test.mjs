// Navigation, tabs and reloads: it is always the same conversation, in the same order, with nothing repeated.

import assert from 'node:assert/strict';
import { mark } from './fixtures/log.mjs';
import { openScene } from './fixtures/scene.mjs';

const { test, operator, visitor, profile, conversationOf, api } = await openScene();

/** @param {number} count */
const first = (count) => Array.from({ length: count }, (_, index) => mark('m', index + 1));

/** A page of the shop other than the one shown. @param {import('playwright-core').Page} page */
const otherPage = (page) =>
  page.evaluate(() => {
    const links = [...document.links].filter((link) => link.origin === location.origin && link.pathname !== location.pathname);
    if (!links[0]) throw new Error('the demo shop links to no other page');
    return links[0].pathname;
  });

test('a visitor who navigates, opens a second tab and reloads, and an operator who reloads, keep one conversation', async () => {
  const shop = await operator();
  const context = await profile();
  const guest = await (await visitor(context)).goto();
  await guest.open();
  await guest.say(`${mark('m', 1)} from the first page`);
  const id = await conversationOf(mark('m', 1));
  await shop.open(id);
  await shop.say(`${mark('m', 2)} the answer`);
  await guest.sees(mark('m', 2));

  const path = await otherPage(guest.page);
  await guest.goto(path);
  await guest.open();
  await guest.sees(mark('m', 2));
  assert.deepEqual(await guest.marks(2), first(2));
  await guest.say(`${mark('m', 3)} from another page`);
  await shop.sees(mark('m', 3));

  const tab = await (await visitor(context)).goto();
  await tab.open();
  await tab.sees(mark('m', 3));
  await tab.say(`${mark('m', 4)} from a second tab`);
  await Promise.all([guest.sees(mark('m', 4)), shop.sees(mark('m', 4))]);
  await guest.say(`${mark('m', 5)} from the first tab again`);
  await Promise.all([tab.sees(mark('m', 5)), shop.sees(mark('m', 5))]);

  await Promise.all([guest.page.reload(), tab.page.reload(), shop.page.reload()]);
  await Promise.all([guest.open(), tab.open()]);
  await Promise.all([guest, tab, shop].map((person) => person.sees(mark('m', 5))));
  for (const person of [guest, tab, shop]) assert.deepEqual(await person.marks(5), first(5));
  assert.equal((await api.conversations()).filter((/** @type {any} */ it) => it.last_message?.text.includes('[m-')).length, 1);
});

test('another visitor sees nothing of it', async () => {
  const stranger = await (await visitor()).goto();
  await stranger.open();
  await stranger.composer.waitFor();
  assert.deepEqual(await stranger.marks(0), []);
});
