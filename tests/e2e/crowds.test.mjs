// Live shopping: two visitors and an operator in one crowd, on the demo shop's page and in the console.

import assert from 'node:assert/strict';
import { openScene } from './fixtures/scene.mjs';

const { test, scene, operator, visitor, stalk } = await openScene();
const MARKUP = '<img src=x onerror="window.hacked=1"><b>bold</b>';

/** @type {import('./fixtures/operator.mjs').Operator} */
let shop;
/** @type {any[]} */
const guests = [];

/** A visitor on the live page, and the frame in which the crowd talks. @param {import('playwright-core').BrowserContextOptions} [options] */
async function watcher(options) {
  const guest = await visitor(await scene.profile(options));
  await guest.goto('/live');
  const crowd = guest.page.frameLocator('[data-testid="stalk-community"]');
  await crowd.getByTestId('community').waitFor();
  return { page: guest.page, crowd };
}

/** @param {any} guest @param {string} text */
async function say({ crowd }, text) {
  const field = crowd.getByTestId('say');
  await field.fill(text);
  await field.press('Enter');
}

/** @param {any} guest @param {string} name */
async function takeName({ crowd }, name) {
  await crowd.getByTestId('name').fill(name);
  await crowd.getByTestId('take-name').click();
}

const sees = (/** @type {any} */ guest, /** @type {string} */ text) => guest.crowd.getByTestId('stream').getByText(text).first().waitFor();
const heard = (/** @type {string} */ text) => shop.page.getByTestId('crowd-said').filter({ hasText: text }).first();

test('two visitors talk, each asked once for a name, and an operator reads along', async () => {
  guests.push(await watcher(), await watcher({ locale: 'ko-KR', viewport: { width: 390, height: 844 } }));
  const [mina, jisoo] = guests;
  shop = await operator();
  await shop.page.goto(`${stalk.url}/console/crowds`);
  await shop.page.getByTestId('crowd-row').first().click();
  await shop.page.getByTestId('crowd-view').waitFor();

  await say(mina, 'Is the moon jar dishwasher safe?');
  await takeName(mina, 'Mina');
  await sees(jisoo, 'Is the moon jar dishwasher safe?');
  await heard('Is the moon jar dishwasher safe?').waitFor();
  await say(jisoo, '저도 궁금해요');
  await takeName(jisoo, '지수');
  await sees(mina, '저도 궁금해요');
  await say(mina, 'second message, no question asked');
  await sees(jisoo, 'second message, no question asked');
  await jisoo.crowd.getByTestId('people').getByText('3명 참여 중').waitFor();
});

test('what the shop writes is marked as the shop’s', async () => {
  await shop.page.getByTestId('crowd-write').fill('Yes, it is.');
  await shop.page.getByTestId('crowd-send').click();
  await guests[0].crowd.locator('.staff').filter({ hasText: 'Yes, it is.' }).getByText('Shop', { exact: true }).waitFor();
});

test('what somebody types is text on every screen', async () => {
  await say(guests[0], MARKUP);
  await sees(guests[1], MARKUP);
  await heard(MARKUP).waitFor();
  for (const page of [guests[0].page, guests[1].page, shop.page]) {
    for (const frame of page.frames()) assert.equal(await frame.evaluate(() => /** @type {any} */ (window).hacked), undefined);
  }
});

test('a paused crowd is read only, and everybody sees it at once', async (t) => {
  const from = Date.now();
  await shop.page.getByTestId('crowd-freeze').locator('xpath=..').click();
  for (const guest of guests) await guest.crowd.getByTestId('barred').waitFor();
  t.diagnostic(`paused on both screens after ${Date.now() - from} ms (promise: 1000 ms)`);
  await shop.page.getByTestId('crowd-freeze').locator('xpath=..').click();
  for (const guest of guests) await guest.crowd.getByTestId('say').waitFor();
});

test('slow mode counts down, and holds in another tab', async () => {
  await shop.page.getByTestId('crowd-slow').click();
  await shop.page.getByRole('option', { name: 'Every 5 minutes' }).click();
  await guests[0].crowd.getByText('Slow mode', { exact: false }).waitFor();
  await say(guests[0], 'one of few words');
  await guests[0].crowd.getByTestId('wait').waitFor();
  const second = await guests[0].page.context().newPage();
  await second.goto(guests[0].page.url());
  await second.frameLocator('[data-testid="stalk-community"]').getByTestId('wait').waitFor();
  await second.close();
  await shop.page.getByTestId('crowd-slow').click();
  await shop.page.getByRole('option', { name: 'No slow mode' }).click();
  await guests[0].crowd.getByTestId('wait').waitFor({ state: 'detached' });
});

test('a muted visitor is told for how long, and others go on; a deleted message is gone', async () => {
  const [mina, jisoo] = guests;
  await say(jisoo, '광고: 싸게 팔아요');
  await heard('광고').hover();
  await heard('광고').getByTestId('crowd-said-menu').click();
  await shop.page.getByTestId('crowd-mute-5').click();
  await jisoo.crowd.getByTestId('barred').getByText('동안 여기에 쓸 수 없어요').waitFor();
  await say(mina, 'I may go on');
  await sees(jisoo, 'I may go on');

  await heard('광고').hover();
  await heard('광고').getByTestId('crowd-said-menu').click();
  await shop.page.getByTestId('crowd-retract').click();
  await sees(mina, 'This message was deleted');
  assert.equal(await mina.crowd.getByText('광고').count(), 0);

  await shop.page.getByTestId('crowd-mutes').click();
  await shop.page.getByTestId('crowd-unmute').click();
  await jisoo.crowd.getByTestId('say').waitFor();
});

test('who comes back after the server was away has missed nothing', async () => {
  const [mina, jisoo] = guests;
  await mina.page.context().setOffline(true);
  await say(jisoo, '오프라인 동안의 말');
  await heard('오프라인 동안의 말').waitFor();
  await mina.page.context().setOffline(false);
  await mina.page.reload();
  await sees(mina, '오프라인 동안의 말');
  await say(mina, 'still called Mina');
  await jisoo.crowd.locator('.said').filter({ hasText: 'still called Mina' }).first().waitFor();
});
