// axe-core over every kind of page, in both themes: nothing at all.

import { after } from 'node:test';
import { audit } from './fixtures/axe.mjs';
import { mark } from './fixtures/log.mjs';
import { openScene } from './fixtures/scene.mjs';
import { Visitor } from './fixtures/visitor.mjs';

const { test, scene, visitor, conversationOf, stalk, api } = await openScene();
const site = await api.site();
const present = await api.socket();
after(() => present.close());

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`the server's own pages have no violation, ${colorScheme}`, async () => {
    const page = await (await scene.profile({ colorScheme })).newPage();
    for (const name of ['sign-in', 'sign-up', 'forgot-password', 'confirm?token=gone', 'reset-password?token=gone', 'invitation?token=gone', 'set-up', 'reference']) {
      await page.goto(`${stalk.url}/${name}`);
      await audit(name, page);
    }
    for (const path of ['/', '/about', '/cart', '/p/moon-jar', '/nothing']) {
      await page.goto(stalk.shopUrl + path);
      await audit(`the example shop's ${path}`, page);
    }
    await page.context().close();
  });

  test(`inbox, conversation and panel have no violation, ${colorScheme}`, async () => {
    const shop = await scene.operator(await scene.profile({ colorScheme }));
    await audit('inbox', shop.page);
    const guest = await (await visitor(await scene.profile({ colorScheme }))).goto();
    await guest.open();
    await audit('panel, empty', await guest.frame());
    await guest.say(`${mark('a', 1)} A question, with https://example.test/ in it`);
    const id = await conversationOf(mark('a', 1));
    await shop.open(id);
    await shop.say(`${mark('a', 2)} An answer`);
    await guest.sees(mark('a', 2));
    await audit('conversation', shop.page);
    await audit('panel', await guest.frame());
    await audit('page with the panel open', guest.page);
    await shop.page.goto(`${stalk.url}/console/offline`);
    await shop.page.getByTestId('availability').waitFor();
    await shop.page.waitForLoadState('networkidle');
    await audit('offline', shop.page);
    await shop.page.context().close();
  });

  test(`the chat's own page, and the panel from right to left, have no violation, ${colorScheme}`, async () => {
    const page = await (await scene.profile({ colorScheme })).newPage();
    const guest = new Visitor(page, stalk.widgetUrl);
    await guest.goto(`/chat/${site.key}`);
    await guest.composer.waitFor();
    await guest.say(`${mark('own', 1)} مرحبا، هل يمكن غسل الجرة؟`);
    await guest.sees(mark('own', 1), 'stored');
    await audit("the chat's own page", page, true);
    const panel = await guest.frame();
    await panel.evaluate(() => void (document.documentElement.dir = 'rtl'));
    await audit('from right to left', panel);
    await guest.panel.getByTestId('menu').click();
    await audit('from right to left, the menu', panel);
    await page.context().close();
  });
}
