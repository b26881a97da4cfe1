// Tabs, and pages that come back: one visitor, one sender at a time, nothing missed and nothing twice.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { chromium } from 'playwright-core';
import { mark } from './fixtures/log.mjs';
import { openScene } from './fixtures/scene.mjs';
import { Visitor } from './fixtures/visitor.mjs';

const { test, visitor, profile, conversationOf, api, stalk, browser } = await openScene();

// Somebody is there to answer.
const present = await api.socket();
after(() => present.close());

/** @param {string} id */
const texts = async (id) => (await api.log(id)).map((/** @type {any} */ entry) => /\[[a-z]+-\d+\]/.exec(entry.data.text ?? '')?.[0]).filter(Boolean);

test('two tabs that take turns keep the order of writing', async () => {
  const context = await profile();
  const one = await (await visitor(context)).goto();
  await one.open();
  const two = await (await visitor(context)).goto('/about');
  await two.open();
  for (let number = 1; number <= 10; number++) {
    const tab = number % 2 ? one : two;
    await tab.page.bringToFront();
    await tab.say(`${mark('t', number)} in turn`);
    await tab.sees(mark('t', number), 'stored');
  }
  const id = await conversationOf(mark('t', 10));
  const expected = Array.from({ length: 10 }, (_, index) => mark('t', index + 1));
  assert.deepEqual(await texts(id), expected);
  assert.deepEqual(await one.marks(10), expected);
  assert.deepEqual(await two.marks(10), expected);
});

test('what a closed tab left unsent another one sends', async () => {
  const context = await profile();
  const one = await (await visitor(context)).goto();
  await one.open();
  await one.say(`${mark('l', 1)} before`);
  await one.sees(mark('l', 1), 'stored');
  const two = await (await visitor(context)).goto('/about');
  await two.launcher.waitFor();
  // The first tab's panel cannot send any more, and then is gone.
  const panel = await one.frame();
  await panel.evaluate(() => Object.assign(WebSocket.prototype, { send: () => {} }));
  await one.say(`${mark('l', 2)} left behind`);
  await one.page.waitForFunction(() => Object.keys(localStorage).some((key) => key.includes(':out:')));
  await one.page.close();
  await two.page.reload();
  const id = await conversationOf(mark('l', 2));
  assert.deepEqual(await texts(id), [mark('l', 1), mark('l', 2)]);
});

test('a page from the back/forward cache is connected again and has what was said meanwhile', async (t) => {
  // Playwright switches the cache off, so this browser is started without that.
  const own = await chromium.launch({
    executablePath: browser?.browserType().executablePath() && process.env.CHROMIUM ? process.env.CHROMIUM : '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  after(() => own.close());
  const context = await own.newContext({ locale: 'en-US', viewport: { width: 1200, height: 800 } });
  const guest = await new Visitor(await context.newPage(), stalk.shopUrl).goto();
  await guest.page.evaluate(() => addEventListener('pageshow', (event) => Object.assign(window, { cached: event.persisted })));
  await guest.open();
  await guest.say(`${mark('c', 1)} before`);
  await guest.sees(mark('c', 1), 'stored');
  const id = await conversationOf(mark('c', 1));
  await guest.page.goto(`${stalk.shopUrl}/about`);
  await guest.launcher.waitFor();
  await guest.page.goBack({ waitUntil: 'commit' });
  const cached = await guest.page.evaluate(() => /** @type {any} */ (window).cached === true);
  t.diagnostic(`from the cache: ${cached}`);
  assert.ok(cached);
  await api.post(`/api/v1/conversations/${id}/messages`, { client_message_id: crypto.randomUUID(), text: 'after coming back' });
  // Playwright does not see into frames that come back; that it was read tells.
  const deadline = Date.now() + 15_000;
  for (let read = false; !read; ) {
    assert.ok(Date.now() < deadline, 'the answer was not read');
    const conversation = await api.get(`/api/v1/conversations/${id}`);
    read = (conversation.receipts?.visitor?.read ?? 0) >= conversation.last_seq;
    if (!read) await new Promise((resolve) => setTimeout(resolve, 100));
  }
});
