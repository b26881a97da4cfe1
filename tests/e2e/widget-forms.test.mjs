// What the shop asks and offers: questions before the chat, a message when nobody is there, a rating, cards and quick replies.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { mark } from './fixtures/log.mjs';
import { openScene } from './fixtures/scene.mjs';
import { field } from './fixtures/visitor.mjs';

const { test, operator, visitor, profile, conversationOf, api } = await openScene();
let present = await api.socket();
after(() => present.close());
const site = await api.site();

/** @param {object} settings */
const set = (settings) => api.patch(`/api/v1/sites/${site.id}`, { settings });
/** @param {string} id @param {object} content */
const post = (id, content) => api.post(`/api/v1/conversations/${id}/messages`, { client_message_id: crypto.randomUUID(), ...content });

test('questions before the chat are asked once, and their answers reach the operator', async () => {
  await set({ prechat: { enabled: true, name: 'required', email: 'optional', question: true }, texts: { en: { prechat_intro: 'Two questions first.' } } });
  const shop = await operator();
  const guest = await (await visitor()).goto();
  await guest.launcher.click();
  const form = guest.panel.getByTestId('prechat-form');
  await form.getByText('Two questions first.').waitFor();
  await guest.panel.getByTestId('prechat-send').click();
  assert.equal(await field(guest.panel, 'prechat-name').getAttribute('aria-invalid'), 'true', 'what is missing is marked');
  await field(guest.panel, 'prechat-name').fill('Mina Kim');
  await field(guest.panel, 'prechat-email').fill('not an address');
  await field(guest.panel, 'prechat-text').fill(`${mark('p', 1)} Is the moon jar in stock?`);
  await guest.panel.getByTestId('prechat-send').click();
  assert.equal(await field(guest.panel, 'prechat-email').getAttribute('aria-invalid'), 'true');
  await field(guest.panel, 'prechat-email').fill('mina@example.test');
  await guest.panel.getByTestId('prechat-send').click();
  await guest.sees(mark('p', 1));

  const id = await conversationOf(mark('p', 1));
  const { visitor: who } = await api.get(`/api/v1/conversations/${id}`);
  assert.deepEqual([who.name, who.email], ['Mina Kim', 'mina@example.test']);
  await shop.open(id);
  await shop.sees(mark('p', 1));
  await shop.row(id).getByText('Mina Kim').waitFor();
  await guest.page.reload();
  await guest.open();
  await guest.composer.waitFor();
  await guest.sees(mark('p', 1));
  await set({ prechat: { enabled: false }, texts: { en: { prechat_intro: '' } } });
});

test('on a phone and in Korean, a message is left while nobody is there, and the next one after it', async () => {
  await set({ texts: { ko: { offline_intro: '지금은 쉬는 시간이에요.' } } });
  await api.patch(`/api/v1/sites/${site.id}`, { language: 'ko' });
  present.close();
  await api.patch('/api/v1/me', { availability: 'offline' });
  const context = await profile({ locale: 'ko-KR', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: 'dark' });
  const guest = await (await visitor(context)).goto();
  await guest.open();
  await guest.panel.getByText('지금은 쉬는 시간이에요.').waitFor();
  for (const number of [1, 2]) {
    await field(guest.panel, 'offline-name').fill('김미나');
    await field(guest.panel, 'offline-email').fill('mina@example.test');
    await field(guest.panel, 'offline-text').fill(`${mark('o', number)} 제주도 되나요?`);
    await guest.panel.getByTestId('offline-send').tap();
    const thanks = guest.panel.getByTestId('offline-thanks');
    await thanks.getByText('mina@example.test').waitFor();
    await thanks.getByRole('button').tap();
  }
  const { items } = await api.get('/api/v1/offline-messages');
  assert.deepEqual(items.map((/** @type {any} */ it) => it.text).sort(), [`${mark('o', 1)} 제주도 되나요?`, `${mark('o', 2)} 제주도 되나요?`]);
  await api.patch('/api/v1/me', { availability: 'online' });
  await api.patch(`/api/v1/sites/${site.id}`, { language: 'en' });
  present = await api.socket();
});

test('a rating with a comment reaches the operator, once', async () => {
  const shop = await operator();
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.say(`${mark('g', 1)} a question`);
  const id = await conversationOf(mark('g', 1));
  await shop.open(id);
  await shop.say(`${mark('g', 2)} an answer`);
  await guest.sees(mark('g', 2));
  await shop.page.getByTestId('resolve').click();
  await guest.panel.getByTestId('rating').waitFor();
  await guest.panel.getByTestId('rate-5').check({ force: true });
  await guest.panel.getByTestId('rating-comment').fill('Kind and quick');
  await guest.panel.getByTestId('rating-send').click();
  await guest.panel.getByTestId('rating-thanks').waitFor();
  assert.deepEqual((await api.get(`/api/v1/conversations/${id}`)).rating, { score: 5, comment: 'Kind and quick' });
  await shop.page.getByText('Kind and quick').waitFor();
  await guest.page.reload();
  await guest.open();
  await guest.sees(mark('g', 2));
  assert.equal(await guest.panel.getByTestId('rating').count(), 0, 'not asked again');
});

test('a card is shown with its picture and its links, also where the page is isolated and where the picture is not to be had', async () => {
  const guest = await visitor();
  const pixels = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  // A shop's own picture: it says nothing about who may embed it.
  await guest.page.context().route('https://pictures.example.test/**', (route) =>
    route.request().url().endsWith('jar.png') ? route.fulfill({ contentType: 'image/png', body: pixels }) : route.fulfill({ status: 404 }),
  );
  await guest.goto();
  await guest.open();
  await guest.say(`${mark('c', 1)} which one?`);
  const id = await conversationOf(mark('c', 1));
  const card = { text: 'Thrown by hand', price: '₩120,000', url: 'https://shop.example.test/jar', buttons: [{ label: 'Buy it', url: 'https://shop.example.test/buy' }] };
  await post(id, { card: { title: 'Moon jar', image_url: 'https://pictures.example.test/jar.png', ...card } });
  await post(id, { card: { title: 'Lost jar', image_url: 'https://pictures.example.test/gone.png', ...card } });
  const shown = guest.panel.getByTestId('card').filter({ hasText: 'Moon jar' });
  await shown.getByText('₩120,000').waitFor();
  const picture = shown.locator('img');
  await picture.waitFor();
  await picture.evaluate((image) => /** @type {HTMLImageElement} */ (image).decode());
  assert.equal(await shown.getByRole('link', { name: 'Buy it' }).getAttribute('href'), 'https://shop.example.test/buy');
  const lost = guest.panel.getByTestId('card').filter({ hasText: 'Lost jar' });
  await lost.getByText('Thrown by hand').waitFor();
  await lost.locator('img').waitFor({ state: 'detached' });

  await post(id, { text: `${mark('c', 2)} Which size?`, quick_replies: [{ label: 'Small' }, { label: 'Large' }] });
  await guest.panel.getByTestId('quick-reply').filter({ hasText: 'Large' }).click();
  await guest.panel.getByTestId('quick-reply').first().waitFor({ state: 'detached' });
  await guest.sees('Large', 'stored');
  const log = await api.log(id);
  assert.deepEqual([log.at(-1).sender.kind, log.at(-1).data.text], ['visitor', 'Large']);
  const shop = await operator();
  await shop.open(id);
  await shop.sees('Large');
  await shop.page.getByText('Moon jar').first().waitFor();
});
