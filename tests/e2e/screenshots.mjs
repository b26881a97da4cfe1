// `npm run screenshots`: every page and state, Korean and English, light and dark, 1440, 1024 and 390 px wide.
// Written to the folder OUT, by default target/screenshots. Not a test: to be looked at.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { launch } from './fixtures/browser.mjs';
import { Operator } from './fixtures/operator.mjs';
import { png } from './fixtures/picture.mjs';
import { GENEROUS } from './fixtures/scene.mjs';
import { Stalk } from './fixtures/server.mjs';
import { Visitor, field } from './fixtures/visitor.mjs';

const OUT = path.resolve(process.env.OUT ?? path.join(import.meta.dirname, '../../target/screenshots'));
const LANGUAGES = /** @type {const} */ ({
  en: {
    question: 'Hello. Does the linen apron come in dark blue?',
    answer: 'It does, in two shades. Which size would you like?',
    long: 'I am not sure: the table on the page says medium is 74 cm, and I would wear it over a jacket. Donaudampfschifffahrtsgesellschaftskapitänsmütze. https://example.test/a/very/long/address/that/goes/on/and/on',
    offline: 'Do you deliver to Jeju? It is a present, and it has to be there on Friday.',
    name: 'Mina Kim',
  },
  ko: {
    question: '안녕하세요. 리넨 앞치마 남색도 있나요?',
    answer: '네, 두 가지 남색이 있어요. 어떤 사이즈로 드릴까요?',
    long: '잘 모르겠어요. 상세 페이지 표에는 미디엄이 74cm라고 되어 있는데 재킷 위에 입을 거라서 조금 더 넉넉했으면 좋겠습니다. https://example.test/아주/긴/주소/가/계속/이어집니다',
    offline: '제주도로도 배송되나요? 선물이라서 금요일까지 도착해야 해요.',
    name: '김미나',
  },
});
const WIDTHS = [1440, 1024, 390];
const HEIGHTS = /** @type {Record<number, number>} */ ({ 1440: 900, 1024: 768, 390: 844 });

mkdirSync(OUT, { recursive: true });
const stalk = await Stalk.start({ env: GENEROUS, proxied: true });
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

/** One state; a state that cannot be reached is told and does not stop the others. @param {string} name @param {() => Promise<void>} body */
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
  const context = await browser.newContext({
    locale: language === 'ko' ? 'ko-KR' : 'en-US', colorScheme, viewport: { width, height: HEIGHTS[width] }, hasTouch: width === 390, isMobile: width === 390,
  });
  context.setDefaultTimeout(20_000);
  return context;
};

/** Both sides of a conversation, written by two ordinary screens. @param {'en' | 'ko'} language */
async function talk(language) {
  const words = LANGUAGES[language];
  const context = await profile(language, 'light', 1440);
  const guest = await new Visitor(await context.newPage(), stalk.shopUrl).goto();
  await guest.open();
  await guest.say(words.question);
  await guest.sees(words.question);
  let id = '';
  for (const deadline = Date.now() + 8_000; !id && Date.now() < deadline;) {
    id = (await api.conversations()).find((/** @type {any} */ it) => it.last_message?.text === words.question)?.id ?? '';
  }
  return { guest, context, id, words };
}

for (const language of /** @type {const} */ (['en', 'ko'])) {
  await api.patch('/api/v1/me', { availability: 'online', language });
  await api.patch(`/api/v1/sites/${site.id}`, { language });
  for (const scheme of /** @type {const} */ (['light', 'dark'])) {
    for (const width of WIDTHS) {
      const suffix = `${language}-${scheme}-${width}`;
      const context = await profile(language, scheme, width);
      const page = await context.newPage();
      const shop = new Operator(page, stalk);

      await state(`sign-in ${suffix}`, async () => {
        for (const name of ['sign-up', 'forgot-password']) {
          await page.goto(`${stalk.url}/${name}`);
          await take(page, `${name}-${suffix}`);
        }
        await page.goto(`${stalk.url}/sign-in`);
        await take(page, `sign-in-${suffix}`);
        await page.locator('input[name=email]').fill('nobody@example.test');
        await page.locator('input[name=password]').fill('not the password');
        await page.locator('button[type=submit]').click();
        await page.waitForLoadState('networkidle');
        await take(page, `sign-in-refused-${suffix}`);
      });
      await state(`sign in ${suffix}`, async () => void (await shop.signIn()));

      /** @type {Awaited<ReturnType<typeof talk>> | null} */
      let scene = null;
      await state(`talk ${suffix}`, async () => void (scene = await talk(language)));
      const { guest, id, words } = scene ?? { guest: null, id: '', words: LANGUAGES[language] };
      const inbox = (/** @type {string} */ view, rest = '') => page.goto(`${stalk.url}/console/inbox/${view}${rest}`);

      for (const view of ['queued', 'mine', 'all', 'snoozed', 'resolved']) {
        await state(`inbox ${view} ${suffix}`, async () => {
          await inbox(view);
          await page.getByTestId(`inbox-tab-${view}`).waitFor();
          await page.waitForLoadState('networkidle');
          await take(page, `inbox-${view}-${suffix}`);
        });
      }
      await state(`conversation ${suffix}`, async () => {
        await inbox('all', `/${id}`);
        await shop.sees(words.question);
        await take(page, `conversation-new-${suffix}`);
        await shop.say(words.answer);
        await shop.sees(words.answer);
        await guest?.sees(words.answer);
        await guest?.composer.pressSequentially('…');
        await page.getByTestId('typing-indicator').first().waitFor();
        await take(page, `conversation-typing-${suffix}`);
        await guest?.say(words.long);
        await shop.sees(words.long.slice(0, 20));
        await take(page, `conversation-${suffix}`);
      });
      await state(`visitor panel ${suffix}`, async () => {
        const panel = page.getByTestId('visitor-panel');
        if (!(await panel.isVisible())) await page.getByTestId('visitor-panel-toggle').click({ timeout: 2_000 });
        await panel.waitFor();
        await take(page, `visitor-panel-${suffix}`);
      });
      await state(`menus ${suffix}`, async () => {
        await inbox('all');
        await page.getByTestId('availability').click();
        await page.getByTestId('availability-away').waitFor();
        await take(page, `availability-menu-${suffix}`);
        await page.keyboard.press('Escape');
        await page.getByTestId('profile-menu').click();
        await page.getByTestId('sign-out').waitFor();
        await take(page, `profile-menu-${suffix}`);
        await page.keyboard.press('Escape');
      });
      // What opens over the conversation, each by its button or key.
      for (const [name, open, there] of [
        ['snooze', 'snooze', 'snooze-menu'], ['tags', 'tags', 'tag-field'], ['assignee', 'assignee', 'assignee-option'], ['emoji', 'emoji', 'emoji-picker'], ['palette', 'Control+k', 'palette-field'],
      ]) {
        await state(`${name} ${suffix}`, async () => {
          await inbox('all', `/${id}`);
          await shop.composer.waitFor();
          if (open.includes('+')) await page.keyboard.press(open);
          else await page.getByTestId(open).click();
          await page.getByTestId(there).first().waitFor();
          await take(page, `desk-${name}-${suffix}`);
        });
      }
      await state(`files and notes ${suffix}`, async () => {
        await inbox('all', `/${id}`);
        await page.getByTestId('file-input').setInputFiles({ name: 'linen-apron.png', mimeType: 'image/png', buffer: png(640, 480) });
        await page.locator('[data-testid="tray-file"][data-state="ready"]').waitFor();
        await take(page, `desk-files-${suffix}`);
        await page.getByTestId('send').click();
        await page.locator('[data-testid="message"] [data-testid="attachment-picture"] img').first().waitFor();
        await page.getByTestId('mode-note').click();
        await shop.say(words.offline);
        await page.getByTestId('note').first().waitFor();
        await take(page, `desk-note-${suffix}`);
      });
      await state(`search ${suffix}`, async () => {
        await inbox('all');
        await page.getByTestId('search').fill(words.question.slice(7, 12));
        await page.getByTestId('search-hit').first().waitFor();
        await take(page, `search-${suffix}`);
      });
      const sections = ['install', 'general', 'appearance', 'texts', 'chat', 'hours', 'routing', 'members', 'security'];
      const pages = ['people', 'canned-responses', 'tags', 'profile'];
      for (const [name, address] of [
        ['offline', 'offline'], ['sites', 'sites'], ['not-found', 'nothing/here'], ...pages.map((one) => [one, one]), ...sections.map((one) => [`site-${one}`, `sites/${site.id}/${one}`]),
      ]) {
        await state(`${name} ${suffix}`, async () => {
          await page.goto(`${stalk.url}/console/${address}`);
          await page.waitForLoadState('networkidle');
          await take(page, `${name}-${suffix}`);
        });
      }

      await state(`widget ${suffix}`, async () => {
        const mine = await profile(language, scheme, width);
        const visitor = await new Visitor(await mine.newPage(), stalk.shopUrl).goto();
        await visitor.launcher.waitFor();
        await take(visitor.page, `shop-launcher-${suffix}`);
        await visitor.open();
        await take(visitor.page, `panel-empty-${suffix}`);
        await visitor.say(words.question);
        const asked = async () => (await api.conversations()).find((/** @type {any} */ it) => it.last_message?.text === words.question);
        await visitor.sees(words.question);
        let mineId = (await asked())?.id;
        for (let tries = 0; !mineId && tries < 100; tries++) mineId = (await asked())?.id;
        await inbox('all', `/${mineId}`);
        await shop.composer.pressSequentially('…');
        await visitor.panel.getByTestId('typing-indicator').waitFor();
        await take(visitor.page, `panel-typing-${suffix}`);
        await shop.say(words.answer);
        await visitor.sees(words.answer);
        await visitor.say(words.long);
        await visitor.sees(words.long.slice(0, 20), 'read');
        await take(visitor.page, `panel-${suffix}`);
        await visitor.close();
        await shop.say(words.answer);
        await visitor.badge.filter({ hasText: '1' }).waitFor();
        await take(visitor.page, `shop-unread-${suffix}`);
        await visitor.open();
        await page.getByTestId('resolve').click();
        await page.getByTestId('reopen').waitFor();
        await take(page, `conversation-resolved-${suffix}`);
        stalk.widgetProxy?.cut();
        stalk.consoleProxy?.cut();
        await visitor.say(words.answer);
        await visitor.panel.getByTestId('connection-banner').waitFor();
        await take(visitor.page, `panel-disconnected-${suffix}`);
        await page.getByTestId('connection-banner').waitFor();
        await take(page, `console-disconnected-${suffix}`);
        await mine.close();
      });
      stalk.widgetProxy?.restore();
      stalk.consoleProxy?.restore();

      await state(`offline form ${suffix}`, async () => {
        await api.patch('/api/v1/me', { availability: 'offline' });
        const mine = await profile(language, scheme, width);
        const visitor = await new Visitor(await mine.newPage(), stalk.shopUrl).goto();
        await visitor.open();
        await visitor.panel.getByTestId('offline-form').waitFor();
        await take(visitor.page, `panel-offline-form-${suffix}`);
        await visitor.panel.getByTestId('offline-send').click();
        await take(visitor.page, `panel-offline-invalid-${suffix}`);
        await field(visitor.panel, 'offline-name').fill(words.name);
        await field(visitor.panel, 'offline-email').fill('mina@example.test');
        await field(visitor.panel, 'offline-text').fill(words.offline);
        await visitor.panel.getByTestId('offline-send').click();
        await visitor.panel.getByTestId('offline-thanks').waitFor();
        await take(visitor.page, `panel-offline-thanks-${suffix}`);
        await page.goto(`${stalk.url}/console/offline`);
        await page.getByTestId('offline-row').first().click();
        await page.waitForLoadState('networkidle');
        await take(page, `offline-message-${suffix}`);
        await mine.close();
      });
      await api.patch('/api/v1/me', { availability: 'online' });
      await scene?.context.close();
      await context.close();
    }
  }
}

await browser.close();
await stalk.stop();
console.log(`${taken} pictures in ${OUT}${failed ? `, ${failed} states could not be reached` : ''}`);
process.exit(failed ? 1 : 0);
