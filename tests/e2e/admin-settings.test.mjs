// What an owner sets up: it shows on the shop's page, nothing typed is lost, and what is refused says so beside its field.

import assert from 'node:assert/strict';
import { openScene } from './fixtures/scene.mjs';

const { test, api, stalk, operator, visitor } = await openScene();
const site = await api.site();

/** @type {import('./fixtures/operator.mjs').Operator} */
let shop;
/** @param {string} section */
const section = (section) => shop.page.goto(`${stalk.url}/console/sites/${site.id}/${section}`);
const bar = () => shop.page.getByTestId('save-bar');
const shown = () => shop.page.locator('[data-testid="save-bar"][data-shown]');

test('the page of the snippet says whether and where the chat was seen, without a reload', async () => {
  shop = await operator();
  await section('install');
  const state = shop.page.getByTestId('install-state');
  await state.waitFor();
  await (await visitor()).goto('/');
  await shop.page.locator('[data-testid="install-state"][data-good]').waitFor();
  await state.getByText(stalk.shopUrl).first().waitFor();
});

test('a colour chosen in the console is the colour of the launcher, and the bar is there only while something is unsaved', async () => {
  await section('appearance');
  await bar().waitFor({ state: 'attached' });
  assert.equal(await shown().count(), 0);
  await shop.page.getByTestId('site-color').fill('#7a1fa2');
  await shown().waitFor();
  await shop.page.getByTestId('site-color').fill(site.color);
  await shown().waitFor({ state: 'detached' });
  await shop.page.getByTestId('site-color').fill('#7a1fa2');
  await shop.page.keyboard.press('Control+s');
  await shown().waitFor({ state: 'detached' });
  assert.equal((await api.site()).color, '#7a1fa2');

  const guest = await (await visitor()).goto();
  await guest.launcher.waitFor();
  assert.equal(await guest.launcher.evaluate((element) => getComputedStyle(element).backgroundColor), 'rgb(122, 31, 162)');
});

test('the picture beside follows before anything is saved', async () => {
  await section('appearance');
  const preview = shop.page.getByTestId('widget-preview');
  await preview.waitFor();
  const before = await preview.getAttribute('data-side');
  await shop.page.getByTestId('site-side').getByText(before === 'left' ? 'Right' : 'Left', { exact: true }).click();
  await shop.page.locator(`[data-testid="widget-preview"][data-side="${before === 'left' ? 'right' : 'left'}"]`).waitFor();
  await shop.page.getByTestId('discard').click();
  await shop.page.locator(`[data-testid="widget-preview"][data-side="${before}"]`).waitFor();
});

test('unsaved changes stay over sections and a reload, and are asked about before they are left', async () => {
  shop.page.on('dialog', (dialog) => void dialog.accept());
  await section('general');
  await shop.page.getByTestId('site-name').fill('Half a name');
  await shop.page.getByTestId('section-texts').click();
  await shop.page.getByTestId('text-title-en').waitFor();
  await shown().waitFor();
  await shop.page.reload();
  await shop.page.getByTestId('section-general').click();
  await shop.page.waitForFunction(() => /** @type {HTMLInputElement | null} */ (document.querySelector('input[data-testid="site-name"]'))?.value === 'Half a name');

  await shop.page.locator('a[href$="/console/inbox"]').first().click();
  await shop.page.getByTestId('leave-stay').click();
  assert.match(shop.page.url(), /\/general$/);
  await shop.page.locator('a[href$="/console/inbox"]').first().click();
  await shop.page.getByTestId('leave-discard').click();
  await shop.page.waitForURL('**/console/inbox/**');
  assert.equal((await api.site()).name, site.name);
});

test('what the server refuses is told beside its field, wherever one was when saving', async () => {
  await section('general');
  await shop.page.getByTestId('site-offline-email').fill('nobody');
  await shop.page.getByTestId('section-appearance').click();
  await shop.page.getByTestId('widget-preview').waitFor();
  await shop.page.keyboard.press('Control+s');
  await shop.page.getByText('must be an e-mail address').waitFor();
  assert.match(shop.page.url(), /\/general$/);
  await shop.page.locator('input[data-testid="site-offline-email"][aria-invalid="true"]').waitFor();
  await shop.page.getByTestId('discard').click();
  await shown().waitFor({ state: 'detached' });
});

test('settings of the chat are kept as they were set', async () => {
  await section('texts');
  await shop.page.getByTestId('text-greeting-en').fill('Welcome to the shop');
  await shop.page.getByTestId('section-chat').click();
  await shop.page.getByTestId('site-prechat').check({ force: true });
  await shop.page.getByTestId('site-save').click();
  await shown().waitFor({ state: 'detached' });
  const { settings } = await api.site();
  assert.equal(settings.texts.en.greeting, 'Welcome to the shop');
  assert.equal(settings.prechat.enabled, true);
  await api.patch(`/api/v1/sites/${site.id}`, { settings: { prechat: { enabled: false } } });
});

test('a wait in an open inbox is urgent by the goal that was just set', async () => {
  const words = 'how long does this take';
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.say(words);
  await guest.sees(words, 'stored');
  const inbox = await operator();
  const { id } = (await api.conversations()).find((/** @type {any} */ it) => it.last_message?.text === words);
  // Five minutes later, for this screen.
  await inbox.page.clock.setFixedTime(Date.now() + 5 * 60_000);
  await inbox.page.goto(`${stalk.url}/console/inbox/all`);
  const waits = (/** @type {string} */ state) => inbox.row(id).locator(`[data-testid="waiting"]${state}`).waitFor();
  await waits('[data-urgent]');
  await section('routing');
  await shop.page.getByTestId('site-answer-goal').click();
  await shop.page.getByRole('option', { name: '10 minutes' }).click();
  await shop.page.getByTestId('site-save').click();
  await shown().waitFor({ state: 'detached' });
  assert.equal((await api.site()).answer_goal_min, 10);
  await waits(':not([data-urgent])');
  await api.patch(`/api/v1/sites/${site.id}`, { answer_goal_min: 1 });
  await waits('[data-urgent]');
  await inbox.page.close();
  await guest.page.close();
});

test('what was set up is on the shop\'s page: side and words of the launcher, title, form before the chat', async () => {
  await section('appearance');
  const side = site.side === 'left' ? 'right' : 'left';
  await shop.page.getByTestId('site-side').getByText(side === 'left' ? 'Left' : 'Right', { exact: true }).click();
  await shop.page.getByTestId('section-chat').click();
  await shop.page.getByTestId('site-prechat').check({ force: true });
  await shop.page.getByTestId('section-texts').click();
  await shop.page.getByTestId('text-title-en').fill('Ask Maple & Co <b>');
  await shop.page.getByTestId('text-prechat_intro-en').fill('Who is asking?');
  await shop.page.getByTestId('site-save').click();
  await shown().waitFor({ state: 'detached' });

  const guest = await (await visitor()).goto();
  await guest.launcher.waitFor();
  const box = await guest.launcher.boundingBox();
  const width = guest.page.viewportSize()?.width ?? 0;
  assert.equal((box?.x ?? 0) < width / 2 ? 'left' : 'right', side);
  await guest.launcher.click();
  await guest.panel.getByTestId('prechat-form').waitFor();
  await guest.panel.getByText('Ask Maple & Co <b>').first().waitFor();
  await guest.panel.getByText('Who is asking?').waitFor();
  await api.patch(`/api/v1/sites/${site.id}`, { side: site.side, settings: { prechat: { enabled: false } } });
});

test('the console opens without its server, from what its worker kept', async () => {
  await shop.page.goto(`${stalk.url}/console/sites`);
  await shop.page.getByTestId('site-row').first().waitFor();
  await shop.page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
  });
  // Once more with the worker, which keeps what it fetches.
  await shop.page.reload();
  await shop.page.getByTestId('site-row').first().waitFor();
  const kept = await shop.page.evaluate(async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))).flat());
  assert.ok(kept.length > 5, kept.join(' '));
  assert.deepEqual(kept.filter((path) => !path.startsWith('/console/')), []);
  await stalk.kill();
  await shop.page.reload();
  await shop.page.getByText('The console could not be loaded').waitFor();
  await stalk.launch();
  await shop.page.getByRole('button', { name: 'Try again' }).click();
  await shop.page.getByTestId('site-row').first().waitFor();
});
