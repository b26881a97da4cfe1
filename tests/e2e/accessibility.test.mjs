// axe-core over every kind of page: nothing serious or critical.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { mark } from './fixtures/log.mjs';
import { openScene } from './fixtures/scene.mjs';

const { test, scene, visitor, conversationOf, stalk } = await openScene();
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * @param {any} t
 * @param {string} name
 * @param {import('playwright-core').Page | import('playwright-core').Frame} screen
 */
async function audit(t, name, screen) {
  await screen.evaluate(AXE);
  const found = await screen.evaluate(async () => {
    await Promise.all(document.getAnimations().map((it) => it.finished.catch(() => undefined)));
    const { violations } = await /** @type {any} */ (window).axe.run(document, { resultTypes: ['violations'], iframes: false });
    return violations.map((/** @type {any} */ it) => `${it.impact} ${it.id}: ${it.help} (${it.nodes.map((/** @type {any} */ node) => node.target.join(' ')).slice(0, 3).join(' · ')})`);
  });
  for (const violation of found) t.diagnostic(`${name}: ${violation}`);
  assert.deepEqual(found.filter((/** @type {string} */ it) => /^(serious|critical)/.test(it)), [], name);
}

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`sign-in page, console and panel have no serious violation, ${colorScheme}`, async (t) => {
    const context = await scene.profile({ colorScheme });
    const page = await context.newPage();
    await page.goto(`${stalk.url}/sign-in`);
    await page.locator('input[name=email]').waitFor();
    await audit(t, 'sign-in', page);
    for (const name of ['sign-up', 'forgot-password', 'confirm?token=gone']) {
      await page.goto(`${stalk.url}/${name}`);
      await audit(t, name, page);
    }
    const shop = await scene.operator(context);
    await audit(t, 'inbox', shop.page);

    const guest = await (await visitor(await scene.profile({ colorScheme }))).goto();
    await guest.open();
    await audit(t, 'panel, empty', await guest.frame());
    await guest.say(`${mark('a', 1)} A question, with https://example.test/ in it`);
    const id = await conversationOf(mark('a', 1));
    await shop.open(id);
    await shop.say(`${mark('a', 2)} An answer`);
    await guest.sees(mark('a', 2));
    await audit(t, 'conversation', shop.page);
    await audit(t, 'panel', await guest.frame());

    for (const path of ['offline', 'sites']) {
      await shop.page.goto(`${stalk.url}/console/${path}`);
      await shop.page.getByTestId('availability').waitFor();
      await shop.page.waitForLoadState('networkidle');
      await audit(t, path, shop.page);
    }
    await shop.page.context().close();
  });
}

test('the launcher adds no serious violation to the shop\'s page', async (t) => {
  const guest = await (await visitor()).goto();
  await guest.launcher.waitFor();
  await guest.page.evaluate(AXE);
  const found = await guest.page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (window).axe.run('#stalk-root', { resultTypes: ['violations'], iframes: false });
    return violations.filter((/** @type {any} */ it) => ['serious', 'critical'].includes(it.impact)).map((/** @type {any} */ it) => it.id);
  });
  t.diagnostic(`launcher: ${JSON.stringify(found)}`);
  assert.deepEqual(found, []);
});
