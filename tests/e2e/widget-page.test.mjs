// The shop's page stays the shop's: what a closed widget costs it, what is left as it was, and what its own policy allows.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { gzipSync } from 'node:zlib';
import { mark } from './fixtures/log.mjs';
import { openScene } from './fixtures/scene.mjs';
import { Shop, watchPolicy } from './fixtures/shop.mjs';
import { Visitor } from './fixtures/visitor.mjs';

const { test, scene, profile, conversationOf, api, stalk } = await openScene();

// Somebody is there to answer.
const present = await api.socket();
after(() => present.close());

/** @param {Parameters<typeof Shop.start>[1]} [page] */
async function shopOf(page) {
  const shop = await Shop.start(scene, page);
  after(() => shop.stop());
  return shop;
}

/** @param {Shop} shop @param {import('playwright-core').BrowserContext} [context] @param {string} [path] */
async function guestOf(shop, context, path = '/') {
  const guest = new Visitor(await (context ?? (await profile())).newPage(), shop.url);
  return guest.goto(path);
}

/** Everything that can be asked of the page's own things before and after. */
const REMEMBER = `
  window.jQuery = function () {}; window.$ = window.jQuery;
  window.onbeforeunload = function () {};
  window.before = {
    names: Object.getOwnPropertyNames(window), jquery: window.jQuery, unload: window.onbeforeunload,
    natives: [history.pushState, history.replaceState, addEventListener, fetch, WebSocket, XMLHttpRequest.prototype.send, document.createElement, Element.prototype.attachShadow],
    style: getComputedStyle(document.querySelector('p')).cssText || document.querySelector('p').getBoundingClientRect().toJSON(),
  };
  window.shifts = []; new PerformanceObserver(function (list) { list.getEntries().forEach(function (e) { shifts.push(e.value) }) }).observe({ type: 'layout-shift', buffered: true });
`;

test('a closed widget costs one request of at most 5 KB and one WebSocket, and leaves the page as it was', async (t) => {
  const shop = await shopOf({ before: REMEMBER });
  const context = await profile();
  const page = await context.newPage();
  /** @type {string[]} */
  const asked = [];
  /** @type {string[]} */
  const sockets = [];
  let script = Buffer.alloc(0);
  page.on('request', (request) => void asked.push(request.url()));
  page.on('websocket', (socket) => void sockets.push(socket.url()));
  page.on('response', async (response) => {
    if (response.url().endsWith('/w.js')) script = await response.body();
  });
  await page.goto(shop.url);
  await page.getByTestId('stalk-launcher').waitFor();
  await page.waitForLoadState('networkidle');

  assert.deepEqual(asked.filter((url) => !url.startsWith(shop.url)), [`${stalk.widgetUrl}/w.js`]);
  assert.deepEqual(sockets, [`${stalk.widgetUrl.replace('http', 'ws')}/ws`]);
  const size = gzipSync(script, { level: 9 }).length;
  t.diagnostic(`loader: ${size} bytes gzip`);
  assert.ok(size <= 5120, `${size} bytes`);
  assert.deepEqual(await context.cookies(), []);

  const now = await page.evaluate(() => {
    const { before, shifts } = /** @type {any} */ (window);
    return {
      added: Object.getOwnPropertyNames(window).filter((name) => !before.names.includes(name) && !['before', 'shifts'].includes(name)),
      same: window.onbeforeunload === before.unload && /** @type {any} */ (window).jQuery === before.jquery,
      native: before.natives.every((/** @type {Function} */ it) => /\[native code\]/.test(Function.prototype.toString.call(it))),
      kept: [history.pushState, history.replaceState, addEventListener, fetch, WebSocket].every((it, i) => it === before.natives[i]),
      shifts: shifts.reduce((/** @type {number} */ sum, /** @type {number} */ value) => sum + value, 0),
      styles: document.styleSheets.length + document.adoptedStyleSheets.length,
    };
  });
  assert.deepEqual(now, { added: ['stalk'], same: true, native: true, kept: true, shifts: 0, styles: 1 });
});

test('the whole chat works under a strict policy with Trusted Types and cross-origin isolation', async () => {
  const shop = await shopOf({ before: watchPolicy });
  const context = await profile();
  const guest = await guestOf(shop, context);
  await guest.open();
  await guest.say(`${mark('p', 1)} from a careful page`);
  await guest.sees(mark('p', 1), 'stored');
  const id = await conversationOf(mark('p', 1));
  await api.post(`/api/v1/conversations/${id}/messages`, { client_message_id: crypto.randomUUID(), text: 'An answer' });
  await guest.sees('An answer');
  assert.deepEqual(await guest.page.evaluate(() => /** @type {any} */ (window).breaches), []);
  assert.deepEqual(await context.cookies(), []);
});

test('calls made before the script is there are honoured, in order', async () => {
  const shop = await shopOf({
    before: "window.heard=[];window.stalk=function(){(stalk.q=stalk.q||[]).push(arguments)};['open','close','ready'].forEach(function(n){stalk('on',n,function(){heard.push(n)})});stalk('open')",
  });
  const guest = await guestOf(shop);
  await guest.composer.waitFor();
  await guest.page.waitForFunction(() => /** @type {any} */ (window).heard.includes('ready'));
  await guest.page.evaluate(() => /** @type {any} */ (window).stalk('close'));
  assert.deepEqual(await guest.page.evaluate(() => /** @type {any} */ (window).heard), ['open', 'ready', 'close']);
});

test('the first snippet of all still works', async () => {
  const { key } = await api.site();
  const shop = await shopOf({ before: `window.stalkConfig={server:${JSON.stringify(stalk.widgetUrl)},id:${JSON.stringify(key)}}`, snippet: '<script src="WIDGET/widget.js"></script>' });
  const guest = await guestOf(shop);
  await guest.open();
  await guest.say(`${mark('s', 1)} by the old snippet`);
  await guest.sees(mark('s', 1), 'stored');
});

test('with storage and cookies refused the chat lasts for the page', async () => {
  const shop = await shopOf();
  const context = await profile();
  await context.addInitScript(() => {
    const refuse = () => {
      throw new DOMException('refused', 'SecurityError');
    };
    for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get: refuse });
    Object.defineProperty(Document.prototype, 'cookie', { get: refuse, set: refuse });
  });
  const guest = await guestOf(shop, context);
  await guest.open();
  await guest.say(`${mark('b', 1)} without a place to keep it`);
  await guest.sees(mark('b', 1), 'stored');
  await guest.say(`${mark('b', 2)} and one more`);
  await guest.sees(mark('b', 2), 'stored');
});

test('where WebSockets are refused messages go both ways by fetch', async () => {
  const shop = await shopOf();
  const context = await profile();
  await context.addInitScript(() => {
    // As a proxy that knows no upgrade: the connection ends before it opens.
    Object.assign(window, {
      WebSocket: class {
        constructor() {
          setTimeout(() => /** @type {any} */ (this).onclose?.({ code: 1006 }));
        }
        send() {}
        close() {}
      },
    });
  });
  const guest = await guestOf(shop, context);
  await guest.launcher.waitFor({ timeout: 30_000 });
  await guest.open();
  await guest.say(`${mark('f', 1)} by fetch`);
  await guest.sees(mark('f', 1), 'stored');
  const id = await conversationOf(mark('f', 1));
  await api.post(`/api/v1/conversations/${id}/messages`, { client_message_id: crypto.randomUUID(), text: 'The answer by fetch' });
  await guest.sees('The answer by fetch');
});

test('in a place of the page the chat is part of it, and the launcher is not there', async () => {
  const shop = await shopOf({ body: '<div data-stalk-inline></div>' });
  const guest = await guestOf(shop);
  await guest.composer.waitFor();
  assert.equal(await guest.launcher.isVisible(), false);
  await guest.say(`${mark('i', 1)} from within`);
  await guest.sees(mark('i', 1), 'stored');
  const box = await guest.page.getByTestId('stalk-panel').boundingBox();
  assert.equal(box?.height, 480);
});
