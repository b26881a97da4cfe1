// What a first visit costs to load, on a Korean page that is in use: the promise is 200 KB of typeface and 300 KB of code (gzip).

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { gzipSync } from 'node:zlib';
import { welcomed } from './fixtures/api.mjs';
import { GENEROUS, openScene } from './fixtures/scene.mjs';
import { Visitor } from './fixtures/visitor.mjs';

const FONTS = 200 * 1024;
const CODE = { console: 300 * 1024, chat: 60 * 1024 };

const { test, scene, conversationOf, api, stalk } = await openScene({ env: GENEROUS });
const present = await api.socket();
after(() => present.close());
const site = await api.site();
await api.patch('/api/v1/me', { language: 'ko' });

/** What people write to a shop: everyday words, names and places, and the syllables that only chats have. */
const TALKS = [
  ['안녕하세요~ 어제 주문한 도마, 오늘 출고될까요? 집들이 선물이라 좀 급해서요 ㅠㅠ', '혹시 뒤꿈치 쪽 솥뚜껑 무늬랑 쇼핑백도 같이 넣어주실 수 있나요?', '넵 감사합니다!! ㅎㅎ'],
  ['린넨 앞치마 네이비 언제 재입고되나요? 품절이라 떠서요', '알림 신청은 해뒀는데 궁금해서 여쭤봐요'],
  ['배송지를 제주특별자치도 서귀포시로 바꾸고 싶어요. 추가 배송비가 붙나요?'],
  ['찻잔 손잡이 쪽에 금이 가 있어요. 사진 첨부할게요', '교환이랑 환불 중에 뭐가 더 빠를까요? 빨리 쓰고 싶어서…'],
  ['현금영수증 발급 부탁드려요. 휴대폰 번호는 주문서에 적힌 번호랑 똑같아요'],
  ['월넛 트레이는 식기세척기에 넣어도 괜찮을까요? 옻칠이 벗겨질까 봐 걱정돼요'],
  ['쿠폰이 적용이 안 돼요ㅜㅜ 첫 구매 10% 할인 쿠폰인데 결제창에서 사라져요', '앗 지금 다시 해보니까 됐어요! 죄송해요ㅋㅋㅋ'],
  ['혹시 매장에 직접 방문해서 볼 수 있나요? 성수동 쪽이라고 들었는데 주차도 되는지 궁금합니다'],
];
const NAMES = ['김하늘', '이서준', '박지우', '최민서', '정다은', '황보예린', '남궁훈', '윤채원'];
const ANSWER = '네, 오늘 오후 두 시에 출고되어 내일 도착할 예정이에요. 포장은 따로 챙겨 드릴게요. 뜯어보시고 불편한 점 있으면 언제든 말씀해 주세요.';

/** The conversation that the tests open, with an answer and a note in it. */
const opened = await (async () => {
  for (const [at, texts] of TALKS.entries()) {
    const visitor = await welcomed(stalk.widgetUrl, { v: 1, site: site.key, ticket: null, device: randomUUID(), language: 'ko', visit: randomUUID(), page: null });
    for (const text of texts) await visitor.request('message.post', { client_message_id: randomUUID(), conversation: null, text });
    visitor.close();
    await api.patch(`/api/v1/visitors/${visitor.welcome.visitor.id}`, { name: NAMES[at] });
  }
  const id = await conversationOf('넵 감사합니다');
  await api.post(`/api/v1/conversations/${id}/messages`, { client_message_id: randomUUID(), text: ANSWER });
  await api.post(`/api/v1/conversations/${id}/notes`, { client_message_id: randomUUID(), text: '단골손님이라 쇼핑백 무료로 넣어 드리기로 했어요.' });
  return id;
})();

/**
 * Counts what a page loads until something stands on it; of the typeface, also what its texts bring after that. What is fetched ahead of
 * need by then is not what somebody waited for.
 * @param {import('playwright-core').Page} page @param {string} [standing] none: all of it counts
 */
async function weigh(page, standing) {
  // A window that is behind another one for a moment would be taken for one that nobody waits for.
  await page.bringToFront();
  if (standing) await page.addInitScript((selector) => {
    Object.defineProperty(document, 'hidden', { get: () => false });
    const look = () => {
      if ('__standing' in window || !document.querySelector(selector)) return;
      Object.assign(window, { __standing: performance.now() });
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true });
  }, standing);
  /** @type {Map<string, Promise<{ kind: string, bytes: number }>>} */
  const answers = new Map();
  page.on('response', (answer) => {
    const kind = answer.request().resourceType();
    // Once an address: the panel is fetched ahead and then taken from the browser's cache, which is an answer as well.
    if (!['font', 'script', 'stylesheet'].includes(kind) || answers.has(answer.url())) return;
    answers.set(answer.url(), answer.body().then((body) => ({ kind, bytes: kind === 'font' ? body.length : gzipSync(body, { level: 9 }).length })));
  });
  return async () => {
    if (standing) await page.waitForFunction(() => '__standing' in window);
    await page.waitForLoadState('networkidle');
    await page.evaluate(async () => void (await document.fonts.ready));
    const late = new Set(await page.evaluate(() =>
      performance.getEntriesByType('resource').filter((it) => it.startTime > /** @type {any} */ (window).__standing).map((it) => it.name)));
    // What is fetched ahead must be what is asked for then, and in the same way.
    const fetched = await page.evaluate(() =>
      performance.getEntriesByType('resource').flatMap((it) => (/** @type {PerformanceResourceTiming} */ (it).transferSize > 0 && /\/assets\//.test(it.name) ? [it.name] : [])));
    assert.deepEqual(fetched.filter((name, at) => fetched.indexOf(name) !== at), [], 'nothing is fetched twice');
    const weight = { fonts: 0, code: 0, files: /** @type {string[]} */ ([]) };
    for (const [url, counting] of answers) {
      const { kind, bytes } = await counting;
      if (kind !== 'font' && late.has(url)) continue;
      weight[kind === 'font' ? 'fonts' : 'code'] += bytes;
      if (bytes > 1_000) weight.files.push(`${new URL(url).pathname.split('/').at(-1)} ${bytes}`);
    }
    return weight;
  };
}

const korean = { locale: 'ko-KR', serviceWorkers: /** @type {const} */ ('block') };
const KB = (/** @type {number} */ bytes) => `${(bytes / 1024).toFixed(0)} KB`;

/** Every page by its address: people keep them as bookmarks, and mails link to them. */
const PAGES = [
  { name: 'the inbox', path: '/console/inbox/all', shows: '[data-testid="conversation-row"]' },
  { name: 'a conversation', path: `/console/inbox/all/${opened}`, shows: '[data-testid="message"]' },
  { name: 'the live board', path: '/console/live', shows: 'main h1' },
  { name: 'the live chats', path: `/console/crowds/${site.id}`, shows: 'main h1, main h2' },
  { name: 'the offline messages', path: '/console/offline', shows: 'main h1' },
  { name: 'the statistics', path: '/console/statistics', shows: 'main h1' },
  ...['install', 'general', 'appearance', 'texts', 'chat', 'hours', 'routing', 'members', 'security']
    .map((section) => ({ name: `a site's ${section}`, path: `/console/sites/${site.id}/${section}`, shows: 'main form, main input, main pre, main button[type="button"]' })),
  ...['sites', 'people', 'canned-responses', 'promotions', 'virtual-agent', 'tags', 'developers', 'nodes', 'profile'].map((area) => ({ name: area, path: `/console/${area}`, shows: 'main h1' })),
];

for (const { name, path, shows } of PAGES) {
  test(`${name}, Korean and for the first time, loads no more than is promised`, async (t) => {
    const signedIn = await scene.profile(korean);
    await scene.operator(signedIn);
    const first = async () => {
      const page = await (await scene.profile({ ...korean, storageState: await signedIn.storageState() })).newPage();
      const weight = await weigh(page, shows);
      await page.goto(stalk.url + path);
      const seen = await weight();
      t.diagnostic(`${name}: ${KB(seen.fonts)} of typeface, ${KB(seen.code)} of code; ${seen.files.join(', ')}`);
      assert.equal(await page.evaluate(() => document.documentElement.lang), 'ko');
      await page.context().close();
      return seen;
    };
    let seen = await first();
    // A machine that does something else fetches ahead before the page stands: it is weighed again. What is too much is too much each time.
    for (let again = 0; again < 3 && seen.code > CODE.console; again++) seen = await first();
    const { fonts, code, files } = seen;
    assert.ok(fonts > 0, 'the page has its typeface');
    assert.ok(fonts <= FONTS, `typeface: ${KB(fonts)} of ${KB(FONTS)}`);
    assert.ok(code <= CODE.console, `code: ${KB(code)} of ${KB(CODE.console)}: ${files.join(', ')}`);
    await signedIn.close();
  });
}

test('the chat\'s own page has the typeface of the system, and little code', async (t) => {
  const page = await (await scene.profile(korean)).newPage();
  const weight = await weigh(page);
  const guest = new Visitor(page, stalk.widgetUrl);
  await guest.goto(`/chat/${site.key}`);
  await guest.composer.waitFor();
  await guest.say('안녕하세요, 선물 포장도 되나요?');
  await guest.sees('선물 포장', 'stored');
  const { fonts, code, files } = await weight();
  t.diagnostic(`the chat's own page: ${KB(fonts)} of typeface, ${KB(code)} of code; ${files.join(', ')}`);
  assert.equal(fonts, 0);
  assert.ok(code <= CODE.chat, `code: ${KB(code)} of ${KB(CODE.chat)}`);
  await page.context().close();
});
