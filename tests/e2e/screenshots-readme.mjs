// The three pictures of the README, into docs/images: a shop in the middle of its day, seen at a desk and on a phone.

import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { welcomed } from './fixtures/api.mjs';
import { launch } from './fixtures/browser.mjs';
import { Operator } from './fixtures/operator.mjs';
import { GENEROUS } from './fixtures/scene.mjs';
import { Stalk } from './fixtures/server.mjs';
import { Visitor } from './fixtures/visitor.mjs';

const OUT = path.resolve(process.env.DOCS ?? path.join(import.meta.dirname, '../../docs/images'));
/** Who else waits: in which language, what they said, and where they are. */
const OTHERS = /** @type {const} */ ([
  ['Amélie Laurent', 'en', 'Is the blue one back in stock next week?', 'Linen apron', 'stock'],
  ['박지우', 'ko', '도마 오일은 얼마나 자주 발라야 하나요?', '단풍나무 도마', '관리'],
  ['Olivia Stone', 'en', 'The walnut tray arrived today, it is beautiful. Thank you', 'Walnut tray', null],
  ['이서준', 'ko', '선물 포장도 해 주시나요? 내일까지 받아야 해서요', '선물용 면 세트', '포장'],
  ['Jonas Weber', 'en', 'Could I still change the delivery address?', 'Orders', 'delivery'],
]);

mkdirSync(OUT, { recursive: true });
const stalk = await Stalk.start({ env: GENEROUS });
const browser = await launch();
const api = await stalk.api();
const site = await api.site();
await api.patch('/api/v1/me', { availability: 'online', language: 'en', time_zone: 'Asia/Seoul' });
// Somebody is there, or visitors would be asked to leave a message.
const present = await api.socket();
await api.patch(`/api/v1/sites/${site.id}`, { routing: { mode: 'manual' }, time_zone: 'Asia/Seoul' });
for (const [name, language, text, title, tag] of [...OTHERS].reverse()) {
  const page = { url: `${stalk.shopUrl}/p/${encodeURIComponent(title)}`, title, referrer: '' };
  const guest = await welcomed(stalk.widgetUrl, { v: 1, site: site.key, ticket: null, device: randomUUID(), language, visit: randomUUID(), page });
  const { conversation } = await guest.request('message.post', { client_message_id: randomUUID(), conversation: null, text });
  await api.patch(`/api/v1/visitors/${guest.welcome.visitor.id}`, { name });
  if (tag) await api.put(`/api/v1/conversations/${conversation.id}/tags`, { tags: [tag] });
}

/** @param {import('playwright-core').BrowserContextOptions} options */
const profile = async (options) => {
  const context = await browser.newContext({ timezoneId: 'Asia/Seoul', ...options });
  context.setDefaultTimeout(15_000);
  return context;
};
const converter = await (await browser.newContext()).newPage();
/** As WebP, drawn by the browser: a quarter of the PNG. @param {import('playwright-core').Page} page @param {string} name */
async function take(page, name) {
  await page.evaluate(() => document.fonts.ready);
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  const webp = await converter.evaluate(async (source) => {
    const picture = new Image();
    picture.src = source;
    await picture.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: picture.naturalWidth, height: picture.naturalHeight });
    canvas.getContext('2d')?.drawImage(picture, 0, 0);
    return canvas.toDataURL('image/webp', 0.86);
  }, `data:image/png;base64,${png.toString('base64')}`);
  writeFileSync(path.join(OUT, `${name}.webp`), Buffer.from(webp.split(',')[1] ?? '', 'base64'));
}

const shopper = await profile({ locale: 'en-GB', viewport: { width: 1280, height: 800 } });
const mina = new Visitor(await shopper.newPage(), stalk.shopUrl);
await mina.goto('/');
await mina.goto('/p/moon-jar');
await mina.open();
await mina.say('Hello. Does the moon jar come in a smaller size?');
await mina.sees('smaller size', 'stored');
const { id, visitor } = (await api.conversations()).find((/** @type {any} */ it) => it.last_message?.text.includes('smaller size'));
await api.patch(`/api/v1/visitors/${visitor.id}`, { name: 'Mina Kim', email: 'mina@example.com', attributes: { orders: 4, plan: 'Gold' } });

const desk = await profile({ locale: 'en-US', viewport: { width: 1440, height: 900 } });
const shop = await new Operator(await desk.newPage(), stalk).signIn();
await shop.page.goto(`${stalk.url}/console/inbox/all/${id}`);
await shop.sees('smaller size');
await shop.say('It does, in two: 18 and 24 cm. Which room is it for?');
await mina.sees('18 and 24 cm');
await mina.say('The smaller one, please. Would it be here by Friday?');
await shop.sees('by Friday');
await api.put(`/api/v1/conversations/${id}/tags`, { tags: ['moon jar', 'delivery'] });
await shop.page.getByTestId('mode-note').click();
await shop.say('Has bought twice; ships from the Busan store.');
await shop.page.getByTestId('note').first().waitFor();
await shop.page.getByTestId('mode-reply').click();
await shop.composer.fill('Yes: order before four, and it is there on Thursday.');
await shop.page.waitForLoadState('networkidle');
await take(shop.page, 'inbox');

await shop.page.goto(`${stalk.url}/console/sites/${site.id}/appearance`);
await shop.page.getByRole('heading', { level: 1 }).waitFor();
await shop.page.waitForLoadState('networkidle');
await take(shop.page, 'appearance');

await api.patch('/api/v1/me', { language: 'ko' });
const phone = await profile({ locale: 'ko-KR', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, storageState: await desk.storageState() });
const small = await phone.newPage();
await small.goto(`${stalk.url}/console/inbox/all/${id}`);
await small.getByText('by Friday').first().waitFor();
await small.waitForLoadState('networkidle');
await take(small, 'phone');

present.close();
await browser.close();
await stalk.stop();
console.log(`three pictures in ${OUT}`);
process.exit(0);
