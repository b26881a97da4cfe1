// Nobody at the console: away by itself, and back with the first movement. Time passes by the page's own clock.

import { openScene } from './fixtures/scene.mjs';

const { test, api, operator } = await openScene();
const TEN_MINUTES = 10 * 60_000;

/** @param {import('playwright-core').Page} page @param {string} state */
const shows = (page, state) => page.locator(`[data-testid="availability"][data-availability="${state}"]`).waitFor();
const stored = async () => (await api.get('/api/v1/me')).operator.availability;
/** The answer to what the console tells the server of it. @param {import('playwright-core').Page} page */
const told = (page) => page.waitForResponse((answer) => answer.url().endsWith('/api/v1/me') && answer.request().method() === 'PATCH');

test('an operator who does nothing for ten minutes is away, and stays so until something moves', async (t) => {
  const { page } = await operator();
  await page.clock.install();
  await page.reload();
  await shows(page, 'online');
  await page.clock.fastForward(TEN_MINUTES / 2);
  await shows(page, 'online');
  const away = told(page);
  await page.clock.fastForward(TEN_MINUTES);
  await away;
  await shows(page, 'away');
  // It looks again, more than once, and finds nobody.
  await page.clock.fastForward(60_000);
  await page.clock.fastForward(60_000);
  await shows(page, 'away');
  t.assert.equal(await stored(), 'away');
  const back = told(page);
  await page.mouse.move(300, 300);
  await page.mouse.move(320, 310);
  await back;
  await shows(page, 'online');
  t.assert.equal(await stored(), 'online');
});

test('who went away on purpose is not called back by a movement', async (t) => {
  const shop = await operator();
  await shop.page.clock.install();
  await shop.page.reload();
  await shows(shop.page, 'online');
  await shop.choose('away');
  await shows(shop.page, 'away');
  await shop.page.clock.fastForward(2 * TEN_MINUTES);
  await shop.page.mouse.move(300, 300);
  await shop.page.mouse.move(320, 310);
  await shop.page.reload();
  await shows(shop.page, 'away');
  t.assert.equal(await stored(), 'away');
});
