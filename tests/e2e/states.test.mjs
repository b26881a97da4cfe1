// What a sender sees of a message's way, and what both see of the other before a message exists.

import assert from 'node:assert/strict';
import { openScene } from './fixtures/scene.mjs';

const { test, operator, visitor, conversationOf, api, stalk } = await openScene({ proxied: true });

/** @type {import('./fixtures/visitor.mjs').Visitor} */
let guest;
/** @type {import('./fixtures/operator.mjs').Operator} */
let shop;
let id = '';

test('a message is sending, stored, delivered when the console has it, and read when its conversation is opened', async () => {
  // Somebody is present, and acknowledges nothing.
  const present = await api.socket();
  guest = await (await visitor()).goto();
  await guest.open();
  stalk.widgetProxy?.hold();
  await guest.say('Do you have it in blue?');
  await guest.sees('in blue?', 'sending');
  stalk.widgetProxy?.release();
  await guest.sees('in blue?', 'stored');

  shop = await operator();
  await shop.tab('queued').click();
  await guest.sees('in blue?', 'delivered');
  id = await conversationOf('in blue?');
  await shop.open(id, 'queued');
  await guest.sees('in blue?', 'read');
  present.close();
});

test('an answer is delivered and read on the operator\'s screen too', async () => {
  await shop.say('Yes, in two blues.');
  await guest.sees('two blues');
  await shop.sees('two blues', 'read');
});

test('each sees the other typing, and no longer once it is sent', async () => {
  const seenByGuest = guest.panel.getByTestId('typing-indicator');
  const seenByShop = shop.page.getByTestId('typing-indicator');
  await shop.composer.pressSequentially('One moment', { delay: 20 });
  await seenByGuest.waitFor();
  await shop.composer.press('Enter');
  await guest.sees('One moment');
  await seenByGuest.waitFor({ state: 'hidden' });

  await guest.composer.pressSequentially('Which one is darker', { delay: 20 });
  await seenByShop.first().waitFor();
  await guest.composer.press('Enter');
  await shop.sees('Which one is darker');
  await seenByShop.first().waitFor({ state: 'hidden' });
});

test('a closed panel counts what was not read, on the launcher', async () => {
  await guest.close();
  await shop.say('The first.');
  await guest.badge.filter({ hasText: /^1$/ }).waitFor();
  await shop.say('The second.');
  await guest.badge.filter({ hasText: /^2$/ }).waitFor();

  await guest.goto();
  await guest.badge.filter({ hasText: /^2$/ }).waitFor();
  await guest.open();
  await guest.sees('The second.');
  await guest.badge.waitFor({ state: 'hidden' });
  await shop.sees('The second.', 'read');
  const { unread } = await api.get(`/api/v1/conversations/${id}`);
  assert.equal(unread, 0);
});
