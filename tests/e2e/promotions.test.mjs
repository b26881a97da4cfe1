// What a shop offers to the people on its pages: on their screens at once and nowhere else, counted once, gone when it is paused.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openScene } from './fixtures/scene.mjs';
import { Shop, watchPolicy } from './fixtures/shop.mjs';
import { Visitor } from './fixtures/visitor.mjs';

const { test, scene, profile, api } = await openScene();
const shop = await Shop.start(scene, { before: watchPolicy });
after(() => shop.stop());

/** @param {string} path @param {import('playwright-core').BrowserContextOptions} [options] */
async function guest(path, options) {
  const visitor = new Visitor(await (await profile(options)).newPage(), shop.url);
  await visitor.goto(path);
  await visitor.launcher.waitFor();
  return visitor;
}

/** @param {Visitor} visitor */
const offer = (visitor) => visitor.page.getByTestId('stalk-offer');

/** @param {string} what @param {() => Promise<boolean>} so */
async function until(what, so) {
  const deadline = Date.now() + 15_000;
  while (!(await so())) {
    assert.ok(Date.now() < deadline, what);
    await pause(20);
  }
}

/** @param {string} pages @param {number} people */
const audience = (pages, people) =>
  until(`${people} on ${pages}`, async () => (await api.get(`/api/v1/promotions/audience?pages=${encodeURIComponent(pages)}`)).live === people);

const OFFER = {
  look: 'card', title: { en: 'Autumn sale', ko: '가을 할인' }, text: { en: '10 % off every jar', ko: '모든 항아리 10 % 할인' },
  button: { en: 'See it', ko: '보러 가기' }, url: `${shop.url}/done`, coupon: 'AUTUMN10',
};

/** @param {object} [change] */
const promote = (change) =>
  api.post('/api/v1/promotions', {
    name: 'Autumn', active: true,
    definition: { offer: OFFER, on: null, when: { all: [] }, holdout: 0, goal: { kind: 'page', value: '/done', within_hours: 24 }, ...change },
  });

/** One that holds out some of these visitors and not others. @param {Visitor[]} visitors */
async function dividing(visitors) {
  const ids = (await api.get(`/api/v1/promotions/audience?pages=${encodeURIComponent('/products/*')}`)).people.map((/** @type {any} */ one) => one.visitor_id);
  assert.equal(ids.length, visitors.length);
  for (;;) {
    const made = await promote({ holdout: 50 });
    const runs = await Promise.all(ids.map((/** @type {string} */ visitor_id) => api.post('/api/v1/promotions/dry-runs', { visitor_id, promotion_id: made.id })));
    const held = runs.filter((run) => run.bucket < 5000).length;
    if (held > 0 && held < ids.length - 1) return { made, held };
  }
}

test('what is sent to all on a product page is on their screens at once and nowhere else, the holdout sees nothing, and a pause takes it away', async (t) => {
  const here = await Promise.all(['/products/a', '/products/b?x=1', '/products/c', '/products/d'].map((path) => guest(path)));
  const elsewhere = await guest('/cart');
  await audience('/products/*', 4);
  await audience('/cart', 1);
  const { made, held } = await dividing(here);
  const path = `/api/v1/promotions/${made.id}`;

  const since = Date.now();
  const answer = await api.post(`${path}/sends`, { send_id: randomUUID(), pages: ['/products/*'] });
  assert.deepEqual(answer, { offered: 4 - held, held_out: held, in_conversation: 0, repeated: 0 });
  const visible = async () => (await Promise.all(here.map((one) => offer(one).isVisible()))).filter(Boolean).length;
  await until('the offers stand on the screens', async () => (await visible()) === 4 - held);
  const took = Date.now() - since;
  t.diagnostic(`on ${4 - held} screens after ${took} ms`);
  assert.ok(took < 3_000, `${took} ms`);
  assert.equal(await offer(elsewhere).count(), 0);
  await until('they are counted as shown', async () => (await api.get(path)).seen.shown === 4 - held);

  // One clicks, and reaches the goal's page.
  let clicker;
  for (const one of here) if (await offer(one).isVisible()) clicker = one;
  assert.ok(clicker);
  assert.equal(await clicker.page.getByTestId('stalk-offer').locator('h2').textContent(), 'Autumn sale');
  await clicker.page.getByTestId('stalk-offer-go').click();
  await clicker.page.waitForURL('**/done');
  await until('click and goal are counted', async () => {
    const { seen } = await api.get(path);
    return seen.clicked === 1 && seen.goals === 1;
  });
  // And orders, which the shop's page tells twice.
  await clicker.launcher.waitFor();
  await clicker.page.evaluate(() => {
    for (let i = 0; i < 2; i++) /** @type {any} */ (window).stalk('track', 'order.placed', { order_id: 'A-1', value: 42000, currency: 'KRW' });
  });
  await until('the order is counted', async () => (await api.get(path)).seen.orders === 1);

  const paused = Date.now();
  await api.patch(path, { active: false });
  await until('nothing stands on any screen', async () => (await visible()) === 0);
  t.diagnostic(`gone ${Date.now() - paused} ms after the pause`);
  assert.ok(Date.now() - paused < 6_000);
  const { seen, held_out } = await api.get(path);
  assert.deepEqual({ ...seen, ...{} }, { visitors: 4 - held, shown: 4 - held, clicked: 1, dismissed: 0, goals: 1, orders: 1, revenue: [{ currency: 'KRW', orders: 1, value: 42000 }] });
  assert.deepEqual([held_out.visitors, held_out.shown], [held, 0]);
  // A careful page's policy was kept.
  for (const one of [...here, elsewhere]) assert.deepEqual(await one.page.evaluate(() => /** @type {any} */ (window).breaches), []);
  for (const one of [...here, elsewhere]) await one.page.context().close();
});

test('whoever stays is offered once, in their language, closes it with a key, and is not asked again in this visit', async () => {
  const made = await promote({ on: { event: 'page.stay', seconds: 1 }, when: { fact: 'page.path', is: 'starts_with', value: '/stay' }, limits: { per_visit: 1 }, offer: { ...OFFER, look: 'bubble' } });
  const visitor = await guest('/stay/a', { locale: 'ko-KR' });
  // The page is English; the browser asks for Korean, and is what counts.
  await offer(visitor).waitFor();
  await visitor.page.getByTestId('stalk-offer-close').focus();
  await visitor.page.keyboard.press('Escape');
  await offer(visitor).waitFor({ state: 'detached' });
  await until('it is counted', async () => (await api.get(`/api/v1/promotions/${made.id}`)).seen.dismissed === 1);
  await visitor.goto('/stay/b');
  await visitor.launcher.waitFor();
  await audience('/stay/b', 1);
  const [person] = (await api.get(`/api/v1/promotions/audience?pages=${encodeURIComponent('/stay/b')}`)).people;
  const why = await api.post('/api/v1/promotions/dry-runs', { visitor_id: person.visitor_id, promotion_id: made.id });
  assert.deepEqual([why.shown, why.why, why.limit], [false, 'limit', 'per_visit']);
  await api.patch(`/api/v1/promotions/${made.id}`, { active: false });
  await visitor.page.context().close();
});

test('in an open panel it is a card of the conversation, and a button without an address opens the chat', async () => {
  const made = await promote({ offer: { look: 'banner', title: { en: 'Ask us about jars' }, button: { en: 'Chat with us' } }, goal: null });
  const path = `/api/v1/promotions/${made.id}/sends`;
  const visitor = await guest('/panel');
  await audience('/panel', 1);
  await api.post(path, { send_id: randomUUID(), pages: ['/panel'] });
  await offer(visitor).waitFor();
  /** @param {string} selector */
  const drawn = (selector) => visitor.page.locator(selector).evaluate((one) => ({ position: getComputedStyle(one).position, width: one.getBoundingClientRect().width }));
  assert.deepEqual(await drawn('[aria-live="polite"].spoken'), { position: 'fixed', width: 1 }, 'what is spoken is not seen');
  await visitor.page.getByTestId('stalk-offer-go').click();
  await visitor.panel.locator('[data-testid="composer"], [data-testid="offline-form"]').first().waitFor();
  assert.deepEqual(await drawn('[data-testid="stalk-panel"]'), { position: 'fixed', width: 400 }, 'the panel stands in its corner, also after an offer');
  assert.equal(await offer(visitor).count(), 0);
  const { seen } = await api.get(`/api/v1/promotions/${made.id}`);
  assert.equal(seen.visitors, 1);
  const present = await api.socket();
  await visitor.panel.getByTestId('composer').waitFor();
  await until('the panel is the connected one', async () => {
    await api.post(path, { send_id: randomUUID(), pages: ['/panel'] });
    return visitor.panel.getByTestId('offer').isVisible();
  });
  await visitor.panel.getByTestId('offer-close').click();
  await visitor.panel.getByTestId('offer').waitFor({ state: 'detached' });
  await until('its end is counted', async () => (await api.get(`/api/v1/promotions/${made.id}`)).seen.dismissed === 1);
  present.close();
});
