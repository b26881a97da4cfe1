// The scenes of drive.mjs: names are sentences, each starts with an empty server and a fresh browser profile.

import assert from 'node:assert/strict';
import { message, openChat, state, until, write } from './steps.mjs';

export const scenes = {
  'a conversation shows sending, stored, delivered and read, typing and the answer': {
    async run({ mock, open }) {
      const page = await open();
      await page.launcher.waitFor();
      await page.shot('launcher');
      await openChat(page);
      await until(() => page.panel.getByTestId('composer').evaluate((e) => e === document.activeElement), 'composer focused');
      await page.shot('empty');
      await write(page, 'Is the apron in stock?');
      await state(page, 'in stock', 'stored');
      assert.equal(await message(page, 'in stock').getAttribute('data-seq'), '1');
      const c = mock.last();
      c.receipts.operator = { delivered: 1, read: 0 };
      mock.model.ephemeral(c, 'receipt.advanced', { side: 'operator', participant: 'o', delivered: 1, read: 0 });
      await state(page, 'in stock', 'delivered');
      c.receipts.operator = { delivered: 1, read: 1 };
      mock.model.ephemeral(c, 'receipt.advanced', { side: 'operator', participant: 'o', delivered: 1, read: 1 });
      await state(page, 'in stock', 'read');
      mock.assign();
      mock.type();
      await page.panel.getByTestId('typing-indicator').waitFor();
      await page.shot('typing');
      mock.say('Yes, three left. See https://example.com/apron (grey).');
      await message(page, 'three left').waitFor();
      await until(async () => !(await page.panel.getByTestId('typing-indicator').count()), 'typing over');
      assert.equal(await page.panel.locator('a').getAttribute('href'), 'https://example.com/apron');
      await until(() => c.receipts.visitor.read === c.log.length, 'read receipt');
      await write(page, 'Lovely');
      await write(page, 'I will take two, and please wrap one of them as a present for my grandmother');
      mock.model.append(c, 'message.edited', c.log.find((e) => e.seq > 1 && e.sender.kind === 'operator' && e.type === 'message.posted').sender, { target: 3, text: 'Yes, four left.' });
      await message(page, 'four left').waitFor();
      await until(() => mock.peers.size === 1, 'one connection');
      assert.equal([...mock.peers][0].kind, 'panel');
      await page.shot('conversation');
      await page.panel.getByTestId('close-panel').click();
      await until(() => [...mock.peers].map((p) => p.kind).join() === 'loader', 'the loader took over');
      await until(() => page.launcher.evaluate((e) => e.getRootNode().activeElement === e), 'focus on launcher');
      mock.say('One more thing');
      await until(async () => (await page.getByTestId('stalk-badge').textContent()) === '1', 'badge');
      await page.shot('badge');
      await page.launcher.click();
      await message(page, 'One more thing').waitFor();
      assert.equal(await page.panel.getByTestId('message').count(), 5);
      await page.keyboard.press('Escape');
      await until(async () => (await page.launcher.getAttribute('aria-expanded')) === 'false', 'Escape closes');
    },
  },
  'the outbox survives a dead server and a reload, in order and once': {
    async run({ mock, open }) {
      const page = await open();
      await openChat(page);
      await write(page, 'first');
      await state(page, 'first', 'stored');
      await mock.down();
      await page.panel.getByTestId('connection-banner').waitFor();
      await write(page, 'second');
      await write(page, 'third');
      await page.panel.getByTestId('composer').fill('a draft');
      await page.shot('offline-banner');
      await state(page, 'third', 'sending');
      await mock.up();
      await page.reload();
      await message(page, 'third').waitFor();
      await state(page, 'third', 'stored');
      await until(async () => (await page.panel.getByTestId('composer').inputValue()) === 'a draft', 'draft kept');
      assert.deepEqual(mock.last().log.map((e) => e.data.text), ['first', 'second', 'third']);
      assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((k) => k.includes(':out:'))), []);
    },
  },
  'a lost answer is resent after the timeout and stays one message': {
    async run({ mock, open }) {
      const page = await open();
      await openChat(page);
      mock.model.mute = true;
      await write(page, 'only once');
      await until(() => mock.model.posts.length === 1, 'posted');
      mock.model.mute = false;
      await state(page, 'only once', 'stored');
      await until(async () => !(await page.evaluate(() => Object.keys(localStorage).some((k) => k.includes(':out:')))), 'outbox empty', 15000);
      assert.equal(mock.last().log.length, 1);
      assert.equal(await message(page, 'only once').count(), 1);
    },
  },
  'a refused message is kept, holds the later ones, and can be resent, edited or dropped': {
    async run({ mock, open }) {
      const page = await open();
      await openChat(page);
      mock.model.refuseNext = { code: 'invalid', message: 'no' };
      await write(page, 'refused one');
      await state(page, 'refused one', 'failed');
      await write(page, 'later one');
      await state(page, 'later one', 'sending');
      await page.shot('failed');
      await page.panel.getByTestId('resend').click();
      await state(page, 'later one', 'stored');
      assert.deepEqual(mock.last().log.map((e) => e.data.text), ['refused one', 'later one']);
      mock.model.refuseNext = { code: 'forbidden', message: 'no' };
      await write(page, 'gone');
      await state(page, 'gone', 'failed');
      await page.panel.getByTestId('drop').click();
      await until(async () => !(await message(page, 'gone').count()), 'dropped');
      mock.model.refuseNext = { code: 'unavailable', message: 'later', retry_after_ms: 300 };
      await write(page, 'patient');
      await state(page, 'patient', 'stored');
    },
  },
  'two tabs show the same and one of them sends': {
    async run({ mock, open }) {
      const one = await open();
      await openChat(one);
      const two = await open('/two');
      await openChat(two);
      assert.equal(mock.model.visitors.size, 1);
      await write(one, 'from one');
      await message(two, 'from one').waitFor();
      await write(two, 'from two');
      await message(one, 'from two').waitFor();
      mock.say('hello both');
      await message(one, 'hello both').waitFor();
      await message(two, 'hello both').waitFor();
      mock.model.refuseNext = { code: 'invalid', message: 'no' };
      await write(one, 'bad');
      await state(two, 'bad', 'failed');
      await two.panel.getByTestId('drop').click();
      await until(async () => !(await message(one, 'bad').count()), 'dropped in both');
      await one.panel.getByTestId('composer').fill('shared draft');
      await until(async () => (await two.panel.getByTestId('composer').inputValue()) === 'shared draft', 'draft in both');
      assert.equal(mock.last().log.length, 3);
    },
  },
  'two tabs that open at once become one visitor': {
    async run({ mock, open }) {
      const pages = await Promise.all([open(), open('/two'), open('/three')]);
      for (const page of pages) await page.launcher.waitFor();
      const own = () => new Set([...mock.peers].map((p) => p.visitor));
      await until(() => own().size === 1 && mock.peers.size === 3, 'one visitor');
    },
  },
  'the panel opens again after navigation and misses nothing': {
    async run({ mock, open }) {
      const page = await open();
      await openChat(page);
      await write(page, 'before');
      await state(page, 'before', 'stored');
      mock.model.lose = true;
      mock.say('silently lost');
      mock.model.lose = false;
      mock.heartbeat();
      await message(page, 'silently lost').waitFor();
      mock.model.lose = true;
      mock.say('lost again');
      mock.model.lose = false;
      mock.say('and its successor');
      await message(page, 'lost again').waitFor();
      await page.getByText('Next product').click();
      await page.waitForURL('**/two?*');
      await message(page, 'successor').waitFor();
      mock.say('on the next page');
      await message(page, 'next page').waitFor();
      mock.cut();
      mock.say('while away');
      await message(page, 'while away').waitFor();
      assert.equal(await page.panel.getByTestId('message').count(), 6);
      await page.evaluate(() => (location.hash = 'size'));
      await until(() => mock.model.events.some((e) => e.page.url.endsWith('#size')), 'page.enter');
      await page.goBack({ waitUntil: 'commit' });
      await page.goBack({ waitUntil: 'commit' });
      // Playwright does not see into frames that come back from the back/forward cache; the read receipt tells.
      mock.say('after coming back');
      await until(() => mock.last().receipts.visitor.read === mock.last().log.length && [...mock.peers].some((p) => p.kind === 'panel'), 'read after coming back');
      await page.shot('back');
    },
  },
  'nobody there: the offline form is checked, kept, sent and thanked for': {
    async run({ mock, open }) {
      mock.model.site.available = false;
      const page = await open();
      await page.launcher.click();
      const { panel } = page;
      await panel.getByTestId('offline-form').waitFor();
      await page.shot('offline-form');
      await panel.getByTestId('offline-send').click();
      await page.shot('offline-faults');
      await panel.getByTestId('offline-name').fill('Ara Kim');
      await panel.getByTestId('offline-email').fill('refuse@example.com');
      await panel.getByTestId('offline-text').fill('Do you ship to Jeju?');
      await page.reload();
      await until(async () => (await panel.getByTestId('offline-text').inputValue()) === 'Do you ship to Jeju?', 'kept');
      assert.equal(await panel.getByTestId('offline-name').inputValue(), 'Ara Kim');
      await panel.getByTestId('offline-send').click();
      await panel.getByText('does not take mail').waitFor();
      assert.equal(await panel.getByTestId('offline-text').inputValue(), 'Do you ship to Jeju?');
      await panel.getByTestId('offline-email').fill('ara@example.com');
      await panel.getByTestId('offline-send').click();
      await panel.getByTestId('offline-thanks').waitFor();
      await page.shot('offline-thanks');
      assert.equal(mock.model.offline.length, 1);
      assert.equal(mock.model.offline[0].email, 'ara@example.com');
      mock.available(true);
      await panel.getByTestId('composer').waitFor();
    },
  },
  'where sockets are blocked it works by fetch': {
    async run({ mock, open }) {
      mock.state.wsBlocked = true;
      const page = await open();
      await page.launcher.waitFor({ timeout: 15000 });
      await openChat(page);
      await write(page, 'by fetch');
      await state(page, 'by fetch', 'stored');
      mock.say('polled');
      await message(page, 'polled').waitFor();
      await page.keyboard.press('Escape');
      mock.say('polled while closed');
      await until(async () => (await page.getByTestId('stalk-badge').textContent()) === '1', 'badge');
      assert.equal(mock.model.visitors.size, 1);
    },
  },
  'storage blocked: it lasts for the page': {
    async run({ mock, open, context }) {
      await context.addInitScript(() => {
        for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError'); } });
      });
      const page = await open();
      await openChat(page);
      await write(page, 'no storage');
      await state(page, 'no storage', 'stored');
      mock.cut();
      mock.say('still there');
      await message(page, 'still there').waitFor();
      assert.equal(mock.model.visitors.size, 1);
    },
  },
  'a refused ticket is replaced, and a refused site shows nothing': {
    async run({ mock, open }) {
      const page = await open();
      await openChat(page);
      mock.model.visitors.clear();
      for (const peer of [...mock.peers]) peer.close(4000);
      await until(() => mock.model.visitors.size === 1 && mock.peers.size === 1, 'a new visitor');
      await write(page, 'new identity');
      await state(page, 'new identity', 'stored');
      const bad = await open('/?site=nope');
      await until(async () => !(await bad.locator('#stalk-root').count()), 'gone');
    },
  },
  'long logs load their past when asked, and the end is one press away': {
    async run({ mock, open }) {
      const page = await open();
      await openChat(page);
      await write(page, 'start');
      await state(page, 'start', 'stored');
      for (let i = 0; i < 320; i++) mock.say('line ' + i + (i % 7 ? '' : ' with some more words to make it a little longer than the others are'));
      await message(page, 'line 319').waitFor();
      await page.reload();
      await message(page, 'line 319').waitFor();
      assert.equal(await page.panel.getByTestId('message').count(), 200);
      const list = page.panel.getByRole('log');
      await list.evaluate((e) => (e.scrollTop = 0));
      await until(async () => (await page.panel.getByTestId('message').count()) >= 250, 'older');
      await list.evaluate((e) => (e.scrollTop = 400));
      mock.say('news');
      await page.panel.getByText('New messages').waitFor();
      await page.shot('scrolled');
      await page.panel.getByText('New messages').click();
      await until(() => list.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight < 5), 'at the end');
    },
  },
  'the host page is untouched and the commands work': {
    async run({ mock, open }) {
      const page = await open(null);
      await page.addInitScript(() => (window.__before = new Set(Object.getOwnPropertyNames(window))));
      await page.goto(mock.shopOrigin);
      await page.launcher.waitFor();
      const added = await page.evaluate(() => Object.getOwnPropertyNames(window).filter((k) => !window.__before.has(k) && k !== '__before'));
      assert.deepEqual(added, ['stalk']);
      assert.equal(await page.evaluate(() => window.onbeforeunload), null);
      assert.equal(await page.evaluate(() => String(history.pushState).includes('native code')), true);
      await page.evaluate(() => stalk('open'));
      await page.panel.getByTestId('composer').waitFor();
      await page.evaluate(() => stalk('hide'));
      await until(() => page.launcher.isHidden(), 'hidden');
      await page.evaluate(() => stalk('show'));
      await page.launcher.waitFor();
      await page.evaluate(() => stalk('shutdown'));
      await until(() => mock.peers.size === 0, 'disconnected');
    },
  },
};

const looks = async ({ mock, open }, lang, as) => {
  Object.assign(mock.model.site, { language: lang, greeting: lang === 'ko' ? '안녕하세요, 비숑앤코예요.\n사이즈와 배송, 무엇이든 물어보세요.' : null });
  const page = await open('/?lang=' + lang);
  await openChat(page);
  await page.shot(`${as}-empty`);
  const ko = lang === 'ko';
  await write(page, ko ? '앞치마 회색 재고 있나요?' : 'Is the grey apron in stock?');
  await state(page, ko ? '재고' : 'stock', 'stored');
  mock.assign();
  mock.say(ko ? '네, 세 개 남아 있어요. 오늘 주문하시면 내일 출발해요.' : 'Yes, three left. Order today and it leaves tomorrow.');
  mock.say('https://example.com/products/linen-apron-stone-grey?utm_source=chat&size=free');
  await write(page, ko ? '두 개 주문할게요. 하나는 선물 포장 부탁드려요.' : 'I will take two. One wrapped as a present, please.');
  const c = mock.last();
  mock.model.ephemeral(c, 'receipt.advanced', { side: 'operator', participant: 'o', delivered: 99, read: 99 });
  await state(page, ko ? '선물' : 'present', 'read');
  mock.model.append(c, 'message.posted', { kind: 'operator', id: 'x', name: 'Mina' }, { kind: 'text', text: 'oops' });
  mock.model.append(c, 'message.retracted', { kind: 'operator', id: 'x', name: 'Mina' }, { target: c.log.length });
  mock.type();
  await page.panel.getByTestId('typing-indicator').waitFor();
  await page.panel.getByTestId('composer').fill(ko ? '감사합니다\n배송은' : 'Thank you\nAnd the delivery');
  await page.shot(`${as}-conversation`);
  mock.resolve();
  await page.panel.getByText(ko ? '마무리됐어요' : 'was closed').waitFor();
  await page.shot(`${as}-resolved`);
  mock.available(false);
  await page.panel.getByTestId('offline-form').waitFor();
  await page.shot(`${as}-offline`);
};

for (const lang of ['en', 'ko'])
  for (const colorScheme of ['light', 'dark'])
    for (const width of [1200, 390])
      scenes[`looks ${lang} ${colorScheme} ${width}`] = {
        options: { colorScheme, viewport: { width, height: width < 480 ? 844 : 800 }, hasTouch: width < 480, isMobile: width < 480, deviceScaleFactor: width < 480 ? 2 : 1 },
        run: (scene) => looks(scene, lang, `look-${lang}-${colorScheme}-${width}`),
      };
scenes['looks yellow left'] = {
  async run({ mock, open }) {
    Object.assign(mock.model.site, { color: '#ffe14d', side: 'left', name: 'Ein wirklich sehr langer Ladenname aus Donaueschingen & Söhne' });
    const page = await open();
    await openChat(page);
    await write(page, 'Hello');
    await state(page, 'Hello', 'stored');
    await page.shot('yellow-left');
  },
};
