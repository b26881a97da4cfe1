// The live board and statistics: a visitor appears, moves, fills a cart, is greeted, orders and leaves, and all of it is seen and counted.

import assert from 'node:assert/strict';
import { audit } from './fixtures/axe.mjs';
import { openScene } from './fixtures/scene.mjs';

const { test, scene, operator, visitor, stalk, api } = await openScene();

/** @type {import('./fixtures/operator.mjs').Operator} */
let shop;
/** @type {import('./fixtures/visitor.mjs').Visitor} */
let guest;
const rows = () => shop.page.getByTestId('board-row');
const row = (/** @type {string} */ text) => rows().filter({ hasText: text });

test('a visitor appears on the board, and moves on it', async (t) => {
  shop = await operator();
  await shop.page.goto(`${stalk.url}/console/live`);
  await shop.page.getByText('Nobody is on your sites right now').waitFor();
  guest = await visitor();
  const came = guest.page.waitForEvent('websocket').then(() => Date.now());
  await guest.goto();
  await rows().first().waitFor();
  const appeared = Date.now() - (await came);
  await guest.goto('/p/moon-jar');
  const moving = Date.now();
  await row('Moon jar').waitFor();
  t.diagnostic(`appeared after ${appeared} ms, moved after ${Date.now() - moving} ms (promise: 1000 ms on a quiet machine)`);
  assert.ok(appeared < 3000, `${appeared} ms`);
  assert.equal(await rows().count(), 1, 'a page that is turned is the same visitor');
  await row('1 page before').waitFor();
  await row('1 page before').getByRole('button', { name: '1 page before' }).click();
  await rows().locator('ol li').first().waitFor();
});

test('it is grouped by product, searched and filtered', async () => {
  await shop.page.getByTestId('board-group').getByText('Product').click();
  await shop.page.getByRole('heading', { name: /Moon jar/ }).waitFor();
  await shop.page.getByTestId('board-group').getByText('List').click();
  await shop.page.getByTestId('board-search').fill('teapot');
  await shop.page.getByText('Nobody who is there matches this').waitFor();
  await shop.page.getByTestId('board-search').fill('moon');
  await row('Moon jar').waitFor();
  await shop.page.getByTestId('board-search').fill('');
});

test('the cart shows, and an order once it is placed', async () => {
  await guest.page.evaluate(() => /** @type {HTMLFormElement} */ (document.querySelector('#buy')).requestSubmit());
  await shop.page.getByTestId('board-cart').waitFor();
  await guest.goto('/cart');
  await guest.page.locator('[data-order]').click();
  await shop.page.getByTestId('board-order').waitFor();
  await shop.page.getByTestId('board-cart').waitFor({ state: 'detached' });
});

test('"say hello" opens the conversation on the visitor\'s screen, and on the operator\'s', async () => {
  await shop.page.getByTestId('board-hello').click();
  const text = shop.page.getByTestId('hello-text');
  await text.waitFor();
  await text.fill('Welcome. May I help you choose?');
  await shop.page.getByTestId('hello-send').click();
  await guest.sees('May I help you choose?');
  await shop.composer.waitFor();
  await shop.sees('May I help you choose?');
  await guest.say('Yes, please.');
  await shop.sees('Yes, please.');
});

test('who leaves is gone from the board', async () => {
  await shop.page.goto(`${stalk.url}/console/live`);
  await row('Open chat').waitFor();
  await guest.page.close();
  await rows().first().waitFor({ state: 'detached' });
});

test('the statistics count what happened, and give it as a file', async () => {
  await shop.page.goto(`${stalk.url}/console/statistics`);
  const tile = (/** @type {string} */ id) => shop.page.getByTestId(`tile-${id}`).locator('dd').first();
  await tile('orders').filter({ hasText: /^1$/ }).waitFor();
  await tile('page_views').filter({ hasText: /^3$/ }).waitFor();
  await tile('visitors').filter({ hasText: /^1$/ }).waitFor();
  await tile('conversations').filter({ hasText: /^1$/ }).waitFor();
  await shop.page.getByTestId('chart').waitFor();
  await shop.page.getByTestId('top-products').getByText('Moon jar').first().waitFor();
  await shop.page.getByTestId('statistics-period').getByText('30 days').click();
  await tile('orders').filter({ hasText: /^1$/ }).waitFor();
  const [file] = await Promise.all([shop.page.waitForEvent('download'), shop.page.getByTestId('statistics-csv').click()]);
  assert.equal(file.suggestedFilename(), 'statistics-days.csv');
  const numbers = await api.get('/api/v1/statistics?period=30d');
  assert.deepEqual([numbers.totals.orders, numbers.chatted.visits, numbers.chatted.ordered], [1, 1, 1]);
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`the live board and statistics have no violation, ${colorScheme}`, async () => {
    const someone = await (await visitor()).goto('/p/moon-jar');
    const { page } = await operator(await scene.profile({ colorScheme }));
    for (const path of ['live', 'statistics']) {
      await page.goto(`${stalk.url}/console/${path}`);
      await page.getByTestId(path === 'live' ? 'board-row' : 'chart').first().waitFor();
      await audit(path, page);
    }
    await someone.page.close();
  });
}
