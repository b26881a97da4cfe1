// Part of `npm run screenshots`: the live board, statistics, promotions, the virtual agent, developers, and offers on a visitor's page.
// Written to the folder OUT, by default target/screenshots. Not a test: to be looked at.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { launch } from './fixtures/browser.mjs';
import { Operator } from './fixtures/operator.mjs';
import { GENEROUS } from './fixtures/scene.mjs';
import { Stalk } from './fixtures/server.mjs';
import { Visitor } from './fixtures/visitor.mjs';

const OUT = path.resolve(process.env.OUT ?? path.join(import.meta.dirname, '../../target/screenshots'));
const SIZES = /** @type {Record<number, { width: number, height: number }>} */ ({ 1440: { width: 1440, height: 900 }, 1024: { width: 1024, height: 768 }, 390: { width: 390, height: 844 } });
const WORDS = {
  en: { asks: 'Do you gift-wrap?', misses: 'Can I have my dog’s name on it?' },
  ko: { asks: '선물 포장되나요?', misses: '강아지 이름을 새겨 주실 수 있나요?' },
};
const OFFERS = {
  bubble: { look: 'bubble', title: { ko: '고민되시면 물어보세요', en: 'Questions about this one?' }, text: { ko: '크기, 색, 배송 무엇이든 바로 답해 드려요.', en: 'Size, colour, delivery: we answer right away.' }, button: { ko: '물어보기', en: 'Ask us' } },
  banner: { look: 'banner', title: { ko: '다시 오셨네요. 반가워요', en: 'Good to see you again' }, text: { ko: '오늘은 배송비가 무료예요.', en: 'Shipping is free today.' }, button: { ko: '보러 가기', en: 'See what is new' } },
  card: { look: 'card', title: { ko: '5% 할인 쿠폰이 있어요', en: 'A 5% coupon for you' }, text: { ko: '주문할 때 코드를 적어 주세요.', en: 'Enter the code at the checkout.' }, button: { ko: '보러 가기', en: 'See the offer' }, coupon: 'THANKS5' },
};

mkdirSync(OUT, { recursive: true });
const stalk = await Stalk.start({ env: GENEROUS });
const browser = await launch();
const api = await stalk.api();
const site = await api.site();
let taken = 0;
let failed = 0;

/** @param {import('playwright-core').Page} page @param {string} name */
async function take(page, name) {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: path.join(OUT, `${name}.png`), animations: 'disabled' });
  taken++;
}

/** One state; one that cannot be reached is told and does not stop the others. @param {string} name @param {() => Promise<unknown>} body */
async function state(name, body) {
  try {
    await body();
  } catch (error) {
    failed++;
    console.error(`${name}: ${String(error).split('\n')[0]}`);
  }
}

/** @param {'en' | 'ko'} language @param {'light' | 'dark'} colorScheme @param {number} width */
const profile = async (language, colorScheme, width) => {
  const context = await browser.newContext({ locale: language === 'ko' ? 'ko-KR' : 'en-US', colorScheme, viewport: SIZES[width], hasTouch: width === 390, isMobile: width === 390 });
  context.setDefaultTimeout(20_000);
  return context;
};

// What a week of a small shop leaves behind: people on pages, a cart, an order, questions that were and were not answered.
await api.patch('/api/v1/me', { availability: 'online' });
await api.patch(`/api/v1/sites/${site.id}`, { routing: { mode: 'manual' } });
for (const [ko, en, answers] of [
  ['배송 언제|며칠|기간', 'delivery|shipping when|long', { ko: '배송은 이틀 걸려요.', en: 'Delivery takes two days.' }],
  ['선물|포장', 'gift|wrap', { ko: '네, 무료로 포장해 드려요.', en: 'We do, free of charge.' }],
]) await api.post('/api/v1/faq', { phrases: { ko: [ko], en: [en] }, answers });
const [{ settings }] = (await api.get('/api/v1/virtual-agent')).items;
await api.patch(`/api/v1/virtual-agent/${site.id}`, { enabled: true, settings: { ...settings, suggest_when_online: false } });
const promotions = /** @type {any[]} */ ([]);
for (const [name, offer] of Object.entries(OFFERS)) {
  const when = name === 'card' ? { all: [{ fact: 'cart.value', is: 'at_least', value: 50000 }, { any: [{ fact: 'visitor.returning', is: 'equals', value: true }, { fact: 'page.path', is: 'starts_with', value: '/p/' }] }] } : { all: [] };
  promotions.push(await api.post('/api/v1/promotions', { name: offer.title.ko, active: true, definition: { offer, on: name === 'card' ? { event: 'cart.changed' } : { event: 'page.stay', seconds: 3000 }, when, limits: { per_visit: 1 }, holdout: 0, goal: { kind: 'order', within_hours: 24 } } }));
}
await api.post('/api/v1/api-keys', { name: 'Warehouse', scopes: ['conversations:read'] });
await api.post('/api/v1/webhooks', { name: 'Warehouse', url: 'https://warehouse.example.test/stalk', events: ['message.posted'] });
const present = await api.socket();
const guests = [];
for (const [language, way] of /** @type {const} */ ([['ko', ['/', '/p/moon-jar', '/p/moon-jar']], ['en', ['/', '/about']], ['ko', ['/p/moon-jar', '/cart']]])) {
  const context = await profile(language, 'light', guests.length === 1 ? 390 : 1440);
  const guest = new Visitor(await context.newPage(), stalk.shopUrl);
  guests.push(guest);
  for (const step of way) await guest.goto(step);
  await guest.launcher.waitFor();
  await state(`talk ${language}`, async () => {
    if (guests.length > 2) return;
    await guest.open();
    for (const text of [WORDS[language].asks, WORDS[language].misses, WORDS[language].misses]) {
      await guest.say(text);
      await guest.sees(text, 'stored');
      // The agent answers in order: each answer is waited for before the next question.
      await guest.panel.getByTestId('automatic').nth(0).waitFor();
    }
  });
}
await state('cart and order', async () => {
  await guests[2]?.goto('/p/moon-jar');
  await guests[2]?.page.evaluate(() => /** @type {HTMLFormElement} */ (document.querySelector('#buy')).requestSubmit());
  await guests[2]?.goto('/cart');
  await guests[2]?.page.locator('[data-order]').click();
  await guests[0]?.goto('/p/moon-jar');
  await guests[0]?.page.evaluate(() => /** @type {HTMLFormElement} */ (document.querySelector('#buy')).requestSubmit());
});

for (const language of /** @type {const} */ (['en', 'ko'])) {
  await api.patch('/api/v1/me', { language });
  for (const scheme of /** @type {const} */ (['light', 'dark'])) {
    for (const width of [1440, 1024, 390]) {
      const suffix = `${language}-${scheme}-${width}`;
      const context = await profile(language, scheme, width);
      const page = await context.newPage();
      const shop = new Operator(page, stalk);
      await state(`sign in ${suffix}`, async () => void (await shop.signIn()));
      const show = async (/** @type {string} */ address, /** @type {string} */ there) => {
        await page.goto(`${stalk.url}/console/${address}`);
        await page.getByTestId(there).first().waitFor();
        await page.waitForLoadState('networkidle');
      };
      await state(`live ${suffix}`, async () => {
        await show('live', 'board-row');
        await take(page, `live-${suffix}`);
        await page.getByTestId('board-group').locator('label').nth(1).click();
        await take(page, `live-pages-${suffix}`);
        await page.getByTestId('board-offer').first().click();
        await page.getByTestId('send-promotion').waitFor();
        await take(page, `live-offer-${suffix}`);
      });
      await state(`statistics ${suffix}`, async () => {
        await show('statistics', 'chart');
        await take(page, `statistics-${suffix}`);
        await page.getByTestId('conversion').scrollIntoViewIfNeeded();
        await take(page, `statistics-lists-${suffix}`);
      });
      await state(`promotions ${suffix}`, async () => {
        await show('promotions', 'promotion-row');
        await take(page, `promotions-${suffix}`);
        await page.getByTestId('promotion-send').first().click();
        await page.getByTestId('send-now').waitFor();
        await take(page, `promotions-send-${suffix}`);
        await page.keyboard.press('Escape');
        await page.getByTestId('promotion-edit').first().click();
        await page.getByTestId('conditions').waitFor();
        await page.waitForLoadState('networkidle');
        await take(page, `promotions-form-${suffix}`);
        await page.getByTestId('conditions').scrollIntoViewIfNeeded();
        await take(page, `promotions-conditions-${suffix}`);
        await page.getByTestId('promotion-save').scrollIntoViewIfNeeded();
        await take(page, `promotions-end-${suffix}`);
        await show('promotions', 'promotion-add');
        await page.getByTestId('promotion-add').click();
        await page.getByTestId('template-cart').waitFor();
        await take(page, `promotions-new-${suffix}`);
      });
      await state(`virtual agent ${suffix}`, async () => {
        await show('virtual-agent', 'faq-row');
        await take(page, `virtual-agent-${suffix}`);
        await page.getByTestId('faq-edit').first().scrollIntoViewIfNeeded();
        await page.getByTestId('faq-edit').first().click();
        await page.getByTestId('faq-save').scrollIntoViewIfNeeded();
        await take(page, `virtual-agent-pair-${suffix}`);
      });
      await state(`developers ${suffix}`, async () => {
        await show('developers', 'settings-developers');
        await take(page, `developers-${suffix}`);
      });
      await context.close();

      if (width !== 1024) {
        for (const [index, look] of Object.keys(OFFERS).entries()) {
          await state(`offer ${look} ${suffix}`, async () => {
            const mine = await profile(language, scheme, width);
            const guest = new Visitor(await mine.newPage(), stalk.shopUrl);
            await guest.goto(language === 'ko' ? '/about?lang=ko' : '/about?lang=en');
            await guest.launcher.waitFor();
            for (let tries = 0; tries < 40 && !(await guest.page.getByTestId('stalk-offer').count()); tries++) {
              await api.post(`/api/v1/promotions/${promotions[index].id}/sends`, { send_id: crypto.randomUUID(), pages: ['/about'] });
              await guest.page.getByTestId('stalk-offer').waitFor({ timeout: 500 }).catch(() => undefined);
            }
            await guest.page.getByTestId('stalk-offer').waitFor();
            await take(guest.page, `offer-${look}-${suffix}`);
            await mine.close();
          });
        }
      }
    }
  }
}

present.close();
await browser.close();
await stalk.stop();
console.log(`${taken} pictures in ${OUT}${failed ? `, ${failed} states could not be reached` : ''}`);
process.exit(failed ? 1 : 0);
