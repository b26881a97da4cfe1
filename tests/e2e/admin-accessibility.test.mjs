// axe-core over every page of the console beside the inbox, filled, in both themes: nothing at all.

import { audit } from './fixtures/axe.mjs';
import { openScene } from './fixtures/scene.mjs';

const { test, scene, api, stalk, visitor } = await openScene();
const site = await api.site();
await api.post('/api/v1/promotions', {
  name: 'Autumn sale', active: true,
  definition: { offer: { look: 'card', title: { en: 'Autumn sale' }, coupon: 'AUTUMN' }, on: { event: 'page.stay', seconds: 600 }, when: { all: [{ fact: 'page.path', is: 'starts_with', value: '/p/' }, { any: [{ fact: 'cart.value', is: 'at_least', value: 1 }] }] }, limits: {}, holdout: 0, goal: null },
});
await api.post('/api/v1/faq', { phrases: { en: ['delivery|shipping'], ko: ['배송'] }, answers: { en: 'Two days.', ko: '이틀 걸려요.' } });
await api.patch(`/api/v1/virtual-agent/${site.id}`, { enabled: true });
await api.post('/api/v1/canned-responses', { shortcut: 'hours', text: 'From nine to six.' });
await api.post('/api/v1/tags', { name: 'refund', color: 2 });
await api.post('/api/v1/api-keys', { name: 'warehouse', scopes: ['conversations:read'] });
await api.post('/api/v1/webhooks', { name: 'warehouse', url: 'https://example.test/hook', events: ['message.posted'] });
await (await visitor()).goto('/p/moon-jar');

/** @typedef {(page: import('playwright-core').Page) => Promise<unknown>} Step */
const SECTIONS = ['install', 'general', 'appearance', 'texts', 'chat', 'hours', 'routing', 'members', 'security'];
/** Where it is, and what must be there or be opened first. @type {[path: string, ...steps: [name: string, step: Step][]][]} */
const PAGES = [
  ['live', ['rows', (page) => page.getByTestId('board-row').first().waitFor()], ['hello', (page) => page.getByTestId('board-hello').first().click()]],
  ['statistics', ['chart', (page) => page.getByTestId('chart').waitFor()]],
  ['promotions', ['list', (page) => page.getByTestId('promotion-row').waitFor()], ['form', (page) => page.getByTestId('promotion-edit').click()]],
  ['promotions', ['sending', (page) => page.getByTestId('promotion-send').click()]],
  ['virtual-agent', ['list', (page) => page.getByTestId('faq-row').waitFor()], ['form', (page) => page.getByTestId('faq-edit').click()]],
  ['nodes', ['cards', (page) => page.getByTestId('node').first().waitFor()]],
  ['developers', ['rows', (page) => page.getByText('example.test/hook').first().waitFor()]],
  ...['sites', 'people', 'canned-responses', 'tags', 'profile', 'nothing/here', ...SECTIONS.map((section) => `sites/${site.id}/${section}`)].map((path) => /** @type {[string]} */ ([path])),
];

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  /** @type {import('playwright-core').Page} */
  let page;
  for (const [path, ...steps] of PAGES) {
    const name = [path.replace(site.id, 'a site'), ...steps.map(([step]) => step)].join(', ');
    test(`${name}: no violation, ${colorScheme}`, async () => {
      page ??= (await scene.operator(await scene.profile({ colorScheme }))).page;
      await page.goto(`${stalk.url}/console/${path}`);
      await page.locator('h1').first().waitFor();
      await page.waitForLoadState('networkidle');
      if (steps.length === 0) await audit(path, page);
      for (const [step, reach] of steps) {
        await reach(page);
        await page.waitForLoadState('networkidle');
        await audit(`${path}, ${step}`, page);
      }
    });
  }
}
