// Nobody is there: the visitor leaves a message, and it reaches the shop by console and by mail. Later a resolved
// conversation is taken up again.

import assert from 'node:assert/strict';
import { mark } from './fixtures/log.mjs';
import { openScene } from './fixtures/scene.mjs';
import { field } from './fixtures/visitor.mjs';

const { test, operator, visitor, conversationOf, api, mailbox, stalk } = await openScene({ mail: true });

test('a message left while the shop is offline is in the console and in the shop\'s mailbox', async () => {
  const site = await api.site();
  await api.patch(`/api/v1/sites/${site.id}`, { offline_email: 'shop@example.test' });
  const shop = await operator();
  await shop.choose('offline');

  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.panel.getByTestId('offline-form').waitFor();
  await field(guest.panel, 'offline-name').fill('Mina Kim');
  await field(guest.panel, 'offline-email').fill('mina@example.test');
  await field(guest.panel, 'offline-text').fill('Do you deliver to 제주?\nIt is a present.');
  await guest.panel.getByTestId('offline-send').click();
  await guest.panel.getByTestId('offline-thanks').waitFor();

  await shop.page.goto(`${stalk.url}/console/offline`);
  const row = shop.page.getByTestId('offline-row').filter({ hasText: 'Mina Kim' });
  await row.waitFor();
  const { items } = await api.get('/api/v1/offline-messages');
  assert.equal(items.length, 1);
  assert.equal(items[0].text, 'Do you deliver to 제주?\nIt is a present.');

  const [mail] = (await mailbox?.arrived((it) => (it.text ?? '').includes('Do you deliver to 제주?'))) ?? [];
  assert.equal(mail.to && 'text' in mail.to ? mail.to.text : '', 'shop@example.test');
  assert.match(JSON.stringify(mail.replyTo ?? ''), /mina@example\.test/, 'an answer goes to the visitor');
});

test('an open panel turns into the offline form and back as the shop goes and comes', async () => {
  const shop = await operator();
  await shop.choose('online');
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.composer.waitFor();
  await shop.choose('offline');
  await guest.panel.getByTestId('offline-form').waitFor();
  await shop.choose('online');
  await guest.composer.waitFor();
});

test('on a closed day an open panel says when the shop opens again, and is back as soon as it does', async () => {
  const { id } = await api.site();
  const shop = await operator();
  await shop.choose('online');
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.composer.waitFor();
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const week = Object.fromEntries(days.map((day) => [day, [['00:00', '24:00']]]));
  const from = (/** @type {number} */ later) => new Date((Math.floor(Date.now() / 86_400_000) + later) * 86_400_000);
  // Also where midnight comes while this runs.
  const opens = from(3);
  const closed = [0, 1, 2].map((later) => from(later).toISOString().slice(0, 10));
  await api.patch(`/api/v1/sites/${id}`, { time_zone: 'UTC', business_hours: { always: false, week, closed } });
  await guest.panel.getByTestId('offline-form').waitFor();
  const day = await guest.page.evaluate((at) => new Intl.DateTimeFormat('en', { weekday: 'short', month: 'short', day: 'numeric' }).format(at), opens.getTime());
  await guest.panel.getByText(`Open again from ${day}`).waitFor();
  await api.patch(`/api/v1/sites/${id}`, { business_hours: { always: true } });
  await guest.composer.waitFor();
});

test('a visitor who writes to a resolved conversation reopens it', async () => {
  const shop = await operator();
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.say(`${mark('r', 1)} one question`);
  const id = await conversationOf(mark('r', 1));
  await shop.open(id);
  await shop.say(`${mark('r', 2)} one answer`);
  await guest.sees(mark('r', 2));
  await shop.page.getByTestId('resolve').click();
  await shop.page.getByTestId('reopen').waitFor();
  await shop.tab('resolved').click();
  await shop.row(id).waitFor();

  await guest.say(`${mark('r', 3)} one more question`);
  await shop.tab('all').click();
  await shop.row(id).click();
  await shop.sees(mark('r', 3));
  await shop.page.getByTestId('resolve').waitFor();
  assert.equal((await api.get(`/api/v1/conversations/${id}`)).status, 'open');
  assert.deepEqual(await guest.marks(3), [mark('r', 1), mark('r', 2), mark('r', 3)]);
  assert.deepEqual(await shop.marks(3), [mark('r', 1), mark('r', 2), mark('r', 3)]);
});
