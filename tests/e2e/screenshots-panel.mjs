// Part of `npm run screenshots`: every state of the panel, on a desk and on a phone, light and dark, and from right to left.
// Written to the folder OUT, by default target/screenshots. Not a test: to be looked at.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { launch } from './fixtures/browser.mjs';
import { GENEROUS } from './fixtures/scene.mjs';
import { Stalk } from './fixtures/server.mjs';
import { Visitor, field } from './fixtures/visitor.mjs';

const OUT = path.resolve(process.env.OUT ?? path.join(import.meta.dirname, '../../target/screenshots'));
const WORDS = {
  en: { name: 'Mina Kim', asks: 'Hello. Is the moon jar dishwasher safe?', tells: 'It is. The matte glaze keeps its look if you use a mild detergent.', more: 'And does it come in blue?', card: 'Moon jar, small', says: 'Thrown by hand in Seoul', buy: 'See it', which: 'Which size would you like?', small: 'Small', large: 'Large' },
  ko: { name: '김미나', asks: '안녕하세요. 달항아리 식기세척기에 넣어도 되나요?', tells: '네, 순한 세제를 쓰시면 무광 유약이 그대로 유지돼요.', more: '파란색도 있나요?', card: '달항아리 소', says: '서울에서 손으로 빚었어요', buy: '보러 가기', which: '어떤 크기로 드릴까요?', small: '작은 것', large: '큰 것' },
  ar: { name: 'مينا', asks: 'مرحبا، هل يمكن غسل الجرة في غسالة الصحون؟', tells: 'نعم، يمكن ذلك مع منظف خفيف. https://example.test/care', more: 'وهل تتوفر باللون الأزرق؟', card: 'جرة القمر', says: 'صنعت يدويا في سيول', buy: 'شاهدها', which: 'أي مقاس تريد؟', small: 'صغير', large: 'كبير' },
};
const SIZES = /** @type {const} */ ({ desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } });
/** @type {[keyof typeof WORDS, 'light' | 'dark', keyof typeof SIZES][]} */
const ROUNDS = [['en', 'light', 'desk'], ['en', 'dark', 'desk'], ['en', 'light', 'phone'], ['en', 'dark', 'phone'], ['ko', 'light', 'phone'], ['ko', 'dark', 'desk'], ['ar', 'light', 'phone'], ['ar', 'light', 'desk']];

mkdirSync(OUT, { recursive: true });
const stalk = await Stalk.start({ env: GENEROUS, proxied: true });
const browser = await launch();
const api = await stalk.api();
const site = await api.site();
/** @param {object} settings */
const set = (settings) => api.patch(`/api/v1/sites/${site.id}`, { settings });
await api.patch(`/api/v1/sites/${site.id}`, { routing: { mode: 'manual' } });
let taken = 0;
let failed = 0;

for (const [language, colorScheme, size] of ROUNDS) {
  const words = WORDS[language];
  const suffix = `${language}-${colorScheme}-${size}`;
  await api.patch(`/api/v1/sites/${site.id}`, { language: language === 'ko' ? 'ko' : 'en' });
  await set({ prechat: { enabled: true, name: 'required', email: 'optional', question: true }, typing_preview: true });
  await api.patch('/api/v1/me', { availability: 'online' });
  let present = await api.socket();
  const context = await browser.newContext({
    locale: language === 'ko' ? 'ko-KR' : 'en-US', colorScheme, viewport: SIZES[size], hasTouch: size === 'phone', isMobile: size === 'phone', deviceScaleFactor: size === 'phone' ? 2 : 1,
  });
  // Longer than any test would wait: what is not there in time is missing from the pictures that follow as well.
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const guest = new Visitor(page, stalk.shopUrl);
  let id = '';

  /** One state; one that cannot be reached is told and does not stop the others. @param {string} name @param {() => Promise<unknown>} body */
  const state = async (name, body) => {
    try {
      await body();
      const panel = await guest.frame().catch(() => null);
      if (language === 'ar') await panel?.evaluate(() => void (document.documentElement.dir = 'rtl'));
      await panel?.evaluate(() => Promise.all(document.getAnimations().map((it) => it.effect?.getComputedTiming().iterations === Infinity || it.finished.catch(() => 0))).then(() => 0));
      await page.screenshot({ path: path.join(OUT, `panel-${name}-${suffix}.png`), animations: 'disabled' });
      taken++;
    } catch (error) {
      failed++;
      console.error(`${name} ${suffix}: ${String(error).split('\n')[0]}`);
    }
  };
  const post = (/** @type {object} */ content) => api.post(`/api/v1/conversations/${id}/messages`, { client_message_id: crypto.randomUUID(), ...content });
  const view = async (/** @type {string} */ name) => {
    await guest.panel.getByTestId('menu').click();
    await guest.panel.getByTestId(`menu-${name}`).click();
    await guest.panel.getByTestId('sheet').waitFor();
  };
  const back = () => guest.panel.getByTestId('back').click().catch((error) => console.error(`back ${suffix}: ${String(error).split('\n')[0]}`));

  await guest.goto();
  await state('before', async () => {
    await guest.launcher.click();
    await guest.panel.getByTestId('prechat-form').waitFor();
  });
  await state('before-faults', () => guest.panel.getByTestId('prechat-send').click());
  await state('first-message', async () => {
    await field(guest.panel, 'prechat-name').fill(words.name);
    await field(guest.panel, 'prechat-text').fill(words.asks);
    await guest.panel.getByTestId('prechat-send').click();
    await guest.sees(words.asks);
    for (let tries = 0; !id && tries < 200; tries++) id = (await api.conversations()).find((/** @type {any} */ it) => it.visitor.name === words.name && it.last_message?.text === words.asks)?.id ?? '';
  });
  await state('emoji', async () => {
    await guest.panel.getByTestId('emoji').click();
    await guest.panel.getByTestId('emoji-picker').waitFor();
  });
  await page.keyboard.press('Escape');
  await state('conversation', async () => {
    await post({ text: words.tells });
    await guest.sees(words.tells.slice(0, 12));
    await guest.say(words.more);
    await guest.sees(words.more);
  });
  await state('file', async () => {
    await guest.panel.getByTestId('file-input').setInputFiles([{ name: 'order 2026-11.txt', mimeType: 'text/plain', buffer: Buffer.from('two jars') }]);
    await guest.panel.locator('[data-side=visitor]').filter({ hasText: 'order 2026-11.txt' }).waitFor();
  });
  await state('card', async () => {
    await post({ card: { title: words.card, text: words.says, price: '₩120,000', image_url: null, url: 'https://example.test/jar', buttons: [{ label: words.buy, url: 'https://example.test/jar' }] } });
    await post({ text: words.which, quick_replies: [{ label: words.small }, { label: words.large }] });
    await guest.panel.getByTestId('quick-reply').first().waitFor();
  });
  await state('menu', () => guest.panel.getByTestId('menu').click());
  await page.keyboard.press('Escape');
  await state('list', () => view('list'));
  await back();
  await state('transcript', () => view('transcript'));
  await state('transcript-code', async () => {
    await field(guest.panel, 'transcript-email').fill('mina@example.test');
    await guest.panel.getByTestId('transcript-mail').click();
    await field(guest.panel, 'transcript-code').waitFor();
  });
  await back();
  await state('data', () => view('data'));
  await state('data-delete', () => guest.panel.getByTestId('data-delete').click());
  await back();
  await back();
  await state('end', () => view('end'));
  await state('rating', async () => {
    await guest.panel.getByTestId('end-yes').click();
    await guest.panel.getByTestId('rating').waitFor();
    await guest.panel.getByTestId('rate-4').check({ force: true });
  });
  await state('rated', async () => {
    await guest.panel.getByTestId('rating-send').click();
    await guest.panel.getByTestId('rating-thanks').waitFor();
  });
  await state('refused-file', async () => {
    await guest.panel.getByTestId('file-input').setInputFiles([{ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('89504e470d0a1a0a00', 'hex') }]);
    await guest.panel.getByTestId('upload-drop').waitFor();
  });
  await state('disconnected', async () => {
    stalk.widgetProxy?.cut();
    await guest.say(words.more);
    await guest.panel.getByTestId('connection-banner').waitFor();
  });
  stalk.widgetProxy?.restore();
  await state('offline', async () => {
    present.close();
    await api.patch('/api/v1/me', { availability: 'offline' });
    await page.evaluate(() => (localStorage.clear(), sessionStorage.clear()));
    await page.reload();
    await guest.open();
    await guest.panel.getByTestId('offline-form').waitFor();
  });
  await api.patch('/api/v1/me', { availability: 'online' });
  present = await api.socket();
  await state('own-page', async () => {
    await set({ prechat: { enabled: false } });
    await page.goto(`${stalk.widgetUrl}/chat/${site.key}`);
    await guest.say(words.asks);
    await guest.sees(words.asks);
  });
  present.close();
  await context.close();
}

await browser.close();
await stalk.stop();
console.log(`${taken} pictures in ${OUT}${failed ? `, ${failed} states could not be reached` : ''}`);
process.exit(failed ? 1 : 0);
