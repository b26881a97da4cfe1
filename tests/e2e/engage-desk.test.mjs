// Promotions and the virtual agent from the console: conditions in groups, a beginning and an end, a version restored, sent from the live
// board; and what the virtual agent has is in nobody's queue until it hands over.

import assert from 'node:assert/strict';
import { openScene } from './fixtures/scene.mjs';
import { png } from './fixtures/picture.mjs';

const { test, scene, api, visitor, operator, profile, stalk } = await openScene();

/** @param {string} what @param {() => Promise<unknown>} holds */
async function until(what, holds) {
  for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((again) => setTimeout(again, 50))) if (await holds()) return;
  throw new Error(`not within 20 s: ${what}`);
}
const promotions = async () => (await api.get('/api/v1/promotions')).items;

test('conditions go in groups, a period is kept, and an earlier version comes back', async () => {
  await api.patch('/api/v1/me', { time_zone: 'Asia/Seoul' });
  const { page } = await operator(await profile());
  await page.goto(`${stalk.url}/console/promotions`);
  await page.getByTestId('promotion-add').first().click();
  await page.getByTestId('template-cart').click();
  await page.getByTestId('condition-add-group').click();
  const inner = page.getByTestId('condition-group').nth(1);
  await inner.getByTestId('condition-value').fill('/tea/');
  await inner.getByTestId('condition-add').click();
  await inner.getByTestId('condition-value').nth(1).fill('/jars/');
  await page.getByTestId('promotion-picture-file').setInputFiles({ name: 'notes.txt', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await page.getByText('the picture cannot be read').waitFor();
  await page.getByTestId('promotion-picture-file').setInputFiles({ name: 'cup.png', mimeType: 'image/png', buffer: png(400, 200) });
  const picture = page.getByTestId('offer-preview').locator('img');
  await picture.waitFor();
  await until('the picture is drawn', () => picture.evaluate((/** @type {HTMLImageElement} */ img) => img.complete && img.naturalWidth === 400));
  await page.getByTestId('promotion-from').fill('2026-01-02T09:00');
  await page.getByTestId('promotion-until').fill('2099-01-02T18:30');
  await page.getByTestId('promotion-save').click();
  await page.getByTestId('promotion-row').waitFor();
  const [made] = await promotions();
  assert.deepEqual(made.definition.when, { all: [
    { fact: 'cart.value', is: 'at_least', value: 50000 },
    { any: [{ fact: 'page.path', is: 'starts_with', value: '/tea/' }, { fact: 'page.path', is: 'starts_with', value: '/jars/' }] },
  ] });
  assert.equal(new Date(made.starts_at).toISOString(), '2026-01-02T00:00:00.000Z');
  assert.equal(new Date(made.ends_at).toISOString(), '2099-01-02T09:30:00.000Z');

  await page.getByTestId('promotion-edit').click();
  await page.getByTestId('promotion-title').fill('Another title');
  await page.getByTestId('promotion-save').click();
  await until('the change is saved', async () => (await promotions())[0].version === 2);
  await page.getByTestId('promotion-edit').click();
  await page.getByTestId('versions').locator('summary').click();
  await page.getByTestId('version-take').click();
  await page.getByTestId('promotion-save').click();
  await until('the first version is there again', async () => (await promotions())[0].version === 3);
  assert.deepEqual((await promotions())[0].definition, made.definition);
  await page.context().close();
});

test('from the live board a promotion goes to one visitor, or to all who are listed', async () => {
  const [made] = await promotions();
  const { holdout: _, ...definition } = made.definition;
  await api.patch(`/api/v1/promotions/${made.id}`, { definition: { ...definition, holdout: 0 } });
  const guests = await Promise.all([visitor(), visitor()]);
  await guests[0]?.goto('/about');
  await guests[1]?.goto('/p/moon-jar');
  const { page } = await operator();
  await page.goto(`${stalk.url}/console/live`);
  const row = page.getByTestId('board-row').filter({ hasText: 'About' });
  await until('both are there', async () => (await page.getByTestId('board-row').count()) === 2);
  await row.getByTestId('board-offer').click();
  await page.getByTestId('send-promotion').click();
  await page.getByRole('option').first().click();
  await page.getByTestId('send-promotion-send').click();
  await page.getByTestId('send-promotion-answer').waitFor();
  await guests[0]?.page.getByTestId('stalk-offer').waitFor();
  assert.equal(await guests[1]?.page.getByTestId('stalk-offer').count(), 0);
  await page.keyboard.press('Escape');
  await page.getByTestId('send-promotion').waitFor({ state: 'detached' });
  await page.getByTestId('board-offer-all').click();
  await page.getByTestId('send-promotion').click();
  await page.getByRole('option').first().click();
  await page.getByTestId('send-promotion-send').click();
  await guests[1]?.page.getByTestId('stalk-offer').waitFor();
  for (const one of guests) await one.page.context().close();
  await page.context().close();
});

test('what the virtual agent has waits in nobody\'s queue, and a line says when a person takes over', async () => {
  const site = await api.site();
  await api.post('/api/v1/faq', { phrases: { en: ['delivery'] }, answers: { en: 'Two days.' } });
  const [{ settings }] = (await api.get('/api/v1/virtual-agent')).items;
  await api.patch(`/api/v1/virtual-agent/${site.id}`, { enabled: true, settings: { ...settings, suggest_when_online: false, misses: 1 } });
  const desk = await operator(await scene.profile({ locale: 'en-US' }));
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.say('How long is delivery?');
  await guest.sees('Two days.');
  const row = desk.page.getByTestId('conversation-row');
  await desk.page.getByTestId('inbox-tab-all').click();
  await row.filter({ has: desk.page.getByTestId('with-agent') }).waitFor();
  await desk.page.getByTestId('inbox-tab-queued').click();
  await until('the queue is empty', async () => (await row.count()) === 0);
  assert.equal((await api.get('/api/v1/conversations/counts')).queued, 0);
  assert.equal((await api.get('/api/v1/conversations?status=open&assignee=none')).items.length, 0);

  await guest.say('Do you like cats?');
  await row.first().waitFor();
  assert.equal((await api.get('/api/v1/conversations/counts')).queued, 1);
  await guest.panel.getByText('From here on a person answers').waitFor();
  await row.first().click();
  await desk.page.getByText('The virtual agent handed over: it could not answer').waitFor();
});
