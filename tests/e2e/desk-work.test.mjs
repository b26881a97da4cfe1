// What operators do with a conversation besides answering: snooze it, tag it, find it again, answer it with what was written before.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { mark } from './fixtures/log.mjs';
import { GENEROUS, openScene } from './fixtures/scene.mjs';

const { test, scene, operator, visitor, conversationOf } = await openScene({ env: GENEROUS });
const { api } = scene;

/** @type {import('./fixtures/operator.mjs').Operator} */
let shop;
/** @type {import('./fixtures/visitor.mjs').Visitor} */
let guest;
let id = '';

test('a snoozed conversation leaves the lists and comes back when the visitor writes', async () => {
  shop = await operator();
  guest = await (await visitor()).goto();
  await guest.open();
  await guest.say(`${mark('w', 1)} 배송은 언제 되나요?`);
  id = await conversationOf(mark('w', 1));
  await shop.open(id);
  await shop.page.getByTestId('snooze').click();
  await shop.page.getByTestId('snooze-tomorrow').click();
  await shop.page.getByTestId('reopen').waitFor();
  await shop.page.getByTestId('inbox-tab-snoozed').click();
  await shop.row(id).waitFor();
  await guest.say(mark('w', 2));
  await shop.page.getByTestId('resolve').waitFor();
  assert.equal((await api.get(`/api/v1/conversations/${id}`)).status, 'open');
});

test('a tag that is typed is made, put on, and found by the filter', async () => {
  await shop.open(id);
  await shop.page.getByTestId('tags').click();
  await shop.page.getByTestId('tag-field').fill('환불');
  await shop.page.getByTestId('tag-new').click();
  await shop.page.getByTestId('tag').filter({ hasText: '환불' }).first().waitFor();
  await shop.page.keyboard.press('Escape');
  for (const until = Date.now() + 5_000; (await api.get(`/api/v1/conversations/${id}`)).tags[0] !== '환불'; ) {
    assert.ok(Date.now() < until, 'the server does not have the tag');
    await pause(25);
  }
  await shop.page.getByTestId('list-filter').click();
  await shop.page.getByRole('menuitem', { name: '환불' }).click();
  await shop.row(id).waitFor();
});

test('a search finds what was said, marks it and leads to it', async () => {
  await shop.page.getByTestId('search').fill('배송');
  const hit = shop.page.getByTestId('search-hit').filter({ hasText: mark('w', 1) });
  await hit.waitFor();
  assert.equal(await hit.locator('mark').first().textContent(), '배송');
  await shop.page.keyboard.press('ArrowDown');
  await shop.page.keyboard.press('Enter');
  await shop.page.locator('[data-found]').filter({ hasText: mark('w', 1) }).waitFor();
  await shop.page.getByTestId('search').press('Escape');
});

test('a canned response is called by its shortcut and filled in', async () => {
  await api.post('/api/v1/canned-responses', { shortcut: 'hello', text: 'Hi {{visitor.name|there}}, this is {{site.name}}.', site_id: null });
  await shop.open(id);
  await shop.composer.click();
  await shop.composer.pressSequentially('/hel');
  await shop.page.getByTestId('canned-option').waitFor();
  await shop.composer.press('Enter');
  const { name } = await api.site();
  for (const until = Date.now() + 5_000; (await shop.composer.inputValue()) !== `Hi there, this is ${name}.`; ) {
    assert.ok(Date.now() < until, `the composer holds ${await shop.composer.inputValue()}`);
    await pause(25);
  }
});

test('a draft is on one\'s other device, and gone there once it was sent', async () => {
  const phone = await (await operator()).open(id);
  for (const until = Date.now() + 8_000; !(await phone.composer.inputValue()).startsWith('Hi there'); ) {
    assert.ok(Date.now() < until, 'the other device does not have the draft');
    await pause(25);
  }
  await shop.composer.press('Enter');
  await guest.sees('Hi there');
  for (const until = Date.now() + 8_000; (await phone.composer.inputValue()) !== ''; ) {
    assert.ok(Date.now() < until, 'the other device still has the draft');
    await pause(25);
  }
});

test('what an operator notes about a visitor is kept', async () => {
  await shop.page.getByTestId('visitor-name-edit').click();
  await shop.page.getByTestId('visitor-name-field').fill('Yuna');
  await shop.page.getByTestId('visitor-name-field').press('Enter');
  await shop.row(id).filter({ hasText: 'Yuna' }).waitFor();
  await shop.page.getByTestId('add-attribute').click();
  await shop.page.getByTestId('attribute-key').fill('grade');
  await shop.page.getByTestId('attribute-value').fill('Gold');
  await shop.page.getByTestId('attribute-value').press('Enter');
  const visitorId = (await api.get(`/api/v1/conversations/${id}`)).visitor.id;
  for (const until = Date.now() + 5_000; ; await pause(25)) {
    const saved = await api.get(`/api/v1/visitors/${visitorId}`);
    if (saved.name === 'Yuna' && saved.attributes.grade === 'Gold') break;
    assert.ok(Date.now() < until, JSON.stringify(saved));
  }
});

test('what was sent can be changed and taken back, from its menu or the palette', async () => {
  const { page } = shop;
  const field = shop.composer;
  await shop.say('We ship it tomorow');
  await guest.sees('We ship it tomorow');
  await shop.sees('We ship it tomorow');
  await shop.message('We ship it tomorow').first().hover();
  await page.getByTestId('message-menu').click();
  await page.getByTestId('edit-message').click();
  // Typed at once: what one writes goes into the text, and calls no shortcut.
  await page.waitForFunction(() => document.activeElement?.matches('[data-testid="composer"], [data-testid="composer"] textarea'));
  await page.keyboard.press('End');
  await page.keyboard.type(' morning');
  await page.keyboard.press('Enter');
  await guest.sees('We ship it tomorow morning');

  await field.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByTestId('palette-field').fill('edit your last');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /** @type {HTMLTextAreaElement} */ (document.activeElement)?.value === 'We ship it tomorow morning');
  await field.fill('We ship it tomorrow morning');
  await field.press('Enter');
  await guest.sees('We ship it tomorrow morning');

  await field.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByTestId('palette-field').fill('take back your last');
  await page.keyboard.press('Enter');
  await guest.message('We ship it tomorrow morning').waitFor({ state: 'detached' });
  await shop.message('We ship it tomorrow morning').waitFor({ state: 'detached' });
});
