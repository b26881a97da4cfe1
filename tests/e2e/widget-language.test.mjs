// Which language the widget speaks: each visitor's own, unless the site has one for everybody.

import assert from 'node:assert/strict';
import { openScene } from './fixtures/scene.mjs';

const { test, scene, api, stalk } = await openScene();
const present = await api.socket();
const site = await api.site();
const path = `/api/v1/sites/${site.id}`;
const HANGUL = /[가-힣]/;

/** @param {string} locale */
const visitor = async (locale) => (await scene.visitor(await scene.profile({ locale }))).goto();
/** What an opened panel speaks: its own mark, and the words of its field. @param {import('./fixtures/visitor.mjs').Visitor} guest */
const spoken = async (guest) => {
  await guest.open();
  await guest.composer.waitFor();
  const korean = HANGUL.test((await guest.composer.getAttribute('placeholder')) ?? '');
  const marked = await (await guest.frame()).evaluate(() => document.documentElement.lang);
  assert.equal(marked, korean ? 'ko' : 'en');
  return marked;
};

test('visitors of one shop are each spoken to in their own language, others in the shop\'s', async () => {
  for (const [shop, german] of [['en', 'en'], ['ko', 'ko']]) {
    await api.patch(path, { language: shop, settings: { texts: { ko: { title: '도자기 가게' }, en: { title: 'Pottery' } } } });
    const asked = { 'ko-KR': 'ko', 'en-GB': 'en', 'de-DE': german };
    for (const [locale, expected] of Object.entries(asked)) {
      const guest = await visitor(locale);
      assert.equal(await spoken(guest), expected, `${locale} in a shop of ${shop}`);
      await guest.panel.getByText(expected === 'ko' ? '도자기 가게' : 'Pottery').first().waitFor();
      // Who comes back is known by their browser, not by what they were spoken to in before.
      await guest.goto();
      assert.equal(await spoken(guest), expected, `${locale}, come back`);
      await guest.page.context().close();
    }
  }
});

test('a site that has one language for everybody is followed at the next page, there and back', async () => {
  await api.patch(path, { language: 'ko', settings: { follow_language: true } });
  const guest = await visitor('en-US');
  assert.equal(await spoken(guest), 'en');
  await api.patch(path, { settings: { follow_language: false } });
  await guest.goto();
  assert.equal(await spoken(guest), 'ko');
  await api.patch(path, { settings: { follow_language: true } });
  await guest.goto();
  assert.equal(await spoken(guest), 'en');
  await guest.page.context().close();
});

test('the chat\'s own page says in its head what it speaks', async () => {
  await api.patch(path, { language: 'ko', settings: { follow_language: true } });
  const marked = async (/** @type {string} */ asked) => /<html lang="(\w+)"/.exec(await (await fetch(`${stalk.widgetUrl}/chat/${site.key}`, { headers: { 'accept-language': asked } })).text())?.[1];
  assert.deepEqual([await marked('en-GB,en;q=0.9'), await marked('ko-KR'), await marked('de')], ['en', 'ko', 'ko']);
  await api.patch(path, { settings: { follow_language: false } });
  assert.equal(await marked('en-GB,en;q=0.9'), 'ko');
  present.close();
});
