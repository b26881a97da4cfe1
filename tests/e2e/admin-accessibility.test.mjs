// axe-core over every page of the settings, in both themes: nothing serious or critical.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { openScene } from './fixtures/scene.mjs';

const { test, scene, api, stalk } = await openScene();
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const site = await api.site();
const SECTIONS = ['install', 'general', 'appearance', 'texts', 'chat', 'hours', 'routing', 'members', 'security'];
const PAGES = ['sites', 'people', 'canned-responses', 'tags', 'developers', 'profile', ...SECTIONS.map((section) => `sites/${site.id}/${section}`)];

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  /** @type {import('playwright-core').Page} */
  let page;
  for (const path of PAGES) {
    test(`${path.replace(site.id, 'a site')} has no serious violation, ${colorScheme}`, async (t) => {
      page ??= (await scene.operator(await scene.profile({ colorScheme }))).page;
      await page.goto(`${stalk.url}/console/${path}`);
      await page.locator('h1').waitFor();
      await page.waitForLoadState('networkidle');
      await page.evaluate(AXE);
      const found = await page.evaluate(async () => {
        // One that says "still waiting" never ends.
        const ending = document.getAnimations().filter((it) => it.effect?.getComputedTiming().iterations !== Infinity);
        await Promise.all(ending.map((it) => it.finished.catch(() => undefined)));
        const { violations } = await /** @type {any} */ (window).axe.run(document, { resultTypes: ['violations'], iframes: false });
        return violations.map((/** @type {any} */ it) => `${it.impact} ${it.id}: ${it.help} (${it.nodes.map((/** @type {any} */ node) => node.target.join(' ')).slice(0, 3).join(' · ')})`);
      });
      for (const violation of found) t.diagnostic(`${path}: ${violation}`);
      assert.deepEqual(found.filter((/** @type {string} */ it) => /^(serious|critical)/.test(it)), [], path);
    });
  }
}
