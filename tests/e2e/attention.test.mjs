// What calls an operator back: sounds until somebody answers, the number in title and icon, notifications at the desk and on a phone.
// Time passes by the page's own clock.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { welcomed } from './fixtures/api.mjs';
import { GENEROUS, openScene } from './fixtures/scene.mjs';

const { test, scene, api, operator, conversationOf, stalk } = await openScene({ env: GENEROUS });
await api.patch('/api/v1/me', { notifications: { sound: true, sound_repeat: true, desktop: true } });
const site = await api.site();
/** As the console repeats its sound. */
const REPEAT = 8_000;

/** A visitor without a browser. */
async function guest() {
  const visitor = await welcomed(stalk.widgetUrl, { v: 1, site: site.key, ticket: null, device: randomUUID(), language: 'en', visit: randomUUID(), page: null });
  /** @param {string} text */
  const say = (text) => visitor.request('message.post', { client_message_id: randomUUID(), conversation: null, text });
  return { say, close: visitor.close };
}

/** Counts tones and notes what is notified. */
const listen = () => {
  const start = OscillatorNode.prototype.start;
  const heard = { tones: 0, notified: /** @type {[string, string | undefined][]} */ ([]) };
  Object.assign(window, { __heard: heard });
  OscillatorNode.prototype.start = function (...when) {
    heard.tones += 1;
    return start.apply(this, when);
  };
  class Told {
    static permission = 'granted';
    /** @param {string} title @param {NotificationOptions} options */
    constructor(title, options) {
      heard.notified.push([title, options.body]);
    }
    close() {}
  }
  Object.assign(window, { Notification: Told });
  Object.assign(document, { hasFocus: () => '__focused' in window });
};
/** @param {import('playwright-core').Page} page @returns {Promise<{ tones: number, notified: [string, string | undefined][] }>} */
const heard = (page) => page.evaluate(() => /** @type {any} */ (window).__heard);
/** @param {import('playwright-core').Page} page @param {number} tones */
const hears = (page, tones) => page.waitForFunction((count) => /** @type {any} */ (window).__heard.tones >= count, tones);

/** What is in the first answer is nobody's news, so that is waited for. @param {import('playwright-core').Page} page */
const opensInbox = async (page) => {
  const listed = page.waitForResponse((answer) => answer.url().includes('/api/v1/conversations?') && answer.ok());
  await page.goto(`${stalk.url}/console/inbox/queued`);
  await (await listed).finished();
};

test('a visitor who writes is heard until somebody answers, and counted in title and icon', async () => {
  const context = await scene.profile();
  await context.addInitScript(listen);
  const { page } = await operator(context);
  await page.clock.install();
  await opensInbox(page);
  await page.getByTestId('availability').waitFor();
  // Browsers make no sound before somebody touched the page.
  await page.getByTestId('search').click();
  await page.locator('link[rel="icon"][href$="favicon.svg"]').waitFor({ state: 'attached' });

  const visitor = await guest();
  await visitor.say('Is anybody there?');
  await hears(page, 2);
  await page.waitForFunction(() => document.title.startsWith('(1) '));
  await page.locator('link[rel="icon"][href^="data:image/svg+xml"]').waitFor({ state: 'attached' });
  const [told] = (await heard(page)).notified;
  assert.equal(told?.[1], 'Is anybody there?');

  for (let times = 2; times <= 3; times++) {
    await page.clock.fastForward(REPEAT);
    await hears(page, 2 * times);
  }
  const id = await conversationOf('Is anybody there?');
  const answered = page.waitForResponse((answer) => answer.url().endsWith(`/conversations/${id}/messages`) && answer.request().method() === 'POST');
  await page.evaluate(() => void Object.assign(window, { __focused: true }));
  await page.locator(`[data-testid="conversation-row"][data-conversation-id="${id}"]`).click();
  await page.getByTestId('composer').fill('Yes, how can we help?');
  await page.getByTestId('composer').press('Enter');
  await answered;
  await page.waitForFunction(() => !document.title.startsWith('('));
  await page.locator('[data-testid="message"]').filter({ hasText: 'how can we help' }).waitFor();
  const before = (await heard(page)).tones;
  await page.clock.fastForward(3 * REPEAT);
  assert.equal((await heard(page)).tones, before, 'it is quiet again');
  visitor.close();
  await context.close();
});

test('on a phone the notification is the worker\'s, and a tap on it opens the conversation', async () => {
  const context = await scene.profile({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await context.grantPermissions(['notifications'], { origin: stalk.url });
  await context.addInitScript(() => {
    // As the browsers of phones do.
    const Refusing = new Proxy(Notification, { construct: () => { throw new TypeError('Illegal constructor'); } });
    Object.assign(window, { Notification: Refusing });
    Object.assign(document, { hasFocus: () => false });
  });
  const { page } = await operator(context);
  await opensInbox(page);
  await page.getByTestId('availability').waitFor();
  assert.equal(await page.evaluate(() => Notification.permission), 'granted');
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  const visitor = await guest();
  await visitor.say('Do you open on Sundays?');
  const id = await conversationOf('Do you open on Sundays?');
  await page.locator(`[data-testid="conversation-row"][data-conversation-id="${id}"]`).waitFor();
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  // Shown a moment after the row: the page hands it to the worker.
  /** @type {[string, string][]} */
  let shown = [];
  for (const deadline = Date.now() + 15_000; shown.length === 0 && Date.now() < deadline;) {
    shown = await worker.evaluate(async () => {
      const all = await /** @type {any} */ (globalThis).registration.getNotifications();
      return all.map((/** @type {Notification} */ one) => [one.body, one.data]);
    });
  }
  assert.deepEqual(shown, [['Do you open on Sundays?', id]]);
  await worker.evaluate((conversation) => /** @type {any} */ (globalThis).show(conversation), id);
  await page.waitForURL(`**/console/inbox/all/${id}`);
  await page.getByTestId('message').filter({ hasText: 'Sundays' }).waitFor();
  visitor.close();
  await context.close();
});
