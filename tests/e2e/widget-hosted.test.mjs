// The chat without a corner: a page of its own that one can link to, and a place in the shop's page; on a desk and on a phone.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { mark } from './fixtures/log.mjs';
import { openScene } from './fixtures/scene.mjs';
import { Shop, watchPolicy } from './fixtures/shop.mjs';
import { Visitor } from './fixtures/visitor.mjs';

const { test, scene, profile, conversationOf, api, stalk } = await openScene();
const present = await api.socket();
after(() => present.close());
const site = await api.site();

const SCREENS = {
  desk: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};

/** Neither the page nor the panel in it is wider than the screen. @param {Visitor} guest */
async function fits(guest) {
  for (const screen of [guest.page, await guest.frame()]) {
    const { wide, room } = await screen.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: innerWidth }));
    assert.ok(wide <= room, `${wide} of ${room}`);
  }
}

for (const [name, screen] of Object.entries(SCREENS)) {
  test(`the chat's own page is a whole chat, ${name}`, async () => {
    const context = await profile(screen);
    const page = await context.newPage();
    /** @type {string[]} */
    const breaches = [];
    page.on('console', (line) => line.type() === 'error' && /Content Security Policy|Trusted/i.test(line.text()) && breaches.push(line.text()));
    const guest = new Visitor(page, stalk.widgetUrl);
    await guest.goto(`/chat/${site.key}`);
    await guest.composer.waitFor();
    assert.equal(await guest.launcher.isVisible(), false, 'there is nothing to launch');
    assert.match(await page.title(), new RegExp(site.name.replace(/[^\w ]/g, '.')));
    await guest.say(`${mark(name, 1)} from a link`);
    await guest.sees(mark(name, 1), 'stored');
    const id = await conversationOf(mark(name, 1));
    await api.post(`/api/v1/conversations/${id}/messages`, { client_message_id: crypto.randomUUID(), text: `${mark(name, 2)} an answer` });
    await guest.sees(mark(name, 2));
    await fits(guest);
    const box = await page.getByTestId('stalk-panel').boundingBox();
    assert.equal(box?.height, screen.viewport.height, 'from top to bottom');
    await page.reload();
    await guest.sees(mark(name, 2));
    assert.deepEqual(await guest.marks(2), [mark(name, 1), mark(name, 2)]);
    assert.deepEqual(breaches, []);
  });

  test(`a place in the shop's page is the chat, under the page's own policy, ${name}`, async () => {
    const shop = await Shop.start(scene, { before: watchPolicy, body: '<div data-stalk-inline></div><p>What follows in the page.</p>' });
    after(() => shop.stop());
    const guest = new Visitor(await (await profile(screen)).newPage(), shop.url);
    await guest.goto('/socks');
    await guest.composer.waitFor();
    await guest.say(`${mark(`in${name}`, 1)} from within`);
    await guest.sees(mark(`in${name}`, 1), 'stored');
    const id = await conversationOf(mark(`in${name}`, 1));
    await api.post(`/api/v1/conversations/${id}/messages`, { client_message_id: crypto.randomUUID(), text: `${mark(`in${name}`, 2)} an answer` });
    await guest.sees(mark(`in${name}`, 2));
    assert.equal((await guest.page.getByTestId('stalk-panel').boundingBox())?.height, 480, 'as high as the page makes it');
    await fits(guest);
    assert.deepEqual(await guest.page.evaluate(() => /** @type {any} */ (window).breaches), []);
  });
}
