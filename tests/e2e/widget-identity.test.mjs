// A shop that signs who its visitors are: what was written before joins their history once, and nobody else is believed.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { jwt } from './fixtures/jwt.mjs';
import { mark } from './fixtures/log.mjs';
import { openScene } from './fixtures/scene.mjs';
import { Shop } from './fixtures/shop.mjs';
import { Visitor } from './fixtures/visitor.mjs';

const { test, scene, profile, conversationOf, api } = await openScene();
const present = await api.socket();
after(() => present.close());
const site = await api.site();
const { secret } = await api.get(`/api/v1/sites/${site.id}/identity-secret`);

/** The shop's page, which signs for whoever stands in its address. */
const QUEUE = 'window.heard=[];window.stalk=function(){(stalk.q=stalk.q||[]).push(arguments)};["identity_refused","ready"].forEach(function(n){stalk("on",n,function(){heard.push(n)})});';
const shop = await Shop.start(scene, {
  before: `${QUEUE}var token=decodeURIComponent(location.hash.slice(1));if(token)stalk('identify',token)`,
});
after(() => shop.stop());

/** A page of the shop, signed in there with this token. @param {string} [token] @param {import('playwright-core').BrowserContext} [context] */
async function guestWith(token = '', context) {
  const guest = new Visitor(await (context ?? (await profile())).newPage(), shop.url);
  return guest.goto(`/account${token && `#${encodeURIComponent(token)}`}`);
}

/** @param {Visitor} guest */
const heard = (guest) => guest.page.evaluate(() => /** @type {any} */ (window).heard);

/** @param {string} id */
const marksOf = async (id) => (await api.log(id)).flatMap((/** @type {any} */ entry) => /\[[a-z]+-\d+\]/.exec(entry.data.text ?? '')?.[0] ?? []);

/** Waits until the operators' side says this of the conversation. @param {string} id @param {(row: any) => boolean} is */
async function rowOf(id, is) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const row = await api.get(`/api/v1/conversations/${id}`);
    if (is(row)) return row;
    assert.ok(Date.now() < deadline, `not so: ${JSON.stringify(row.visitor)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('what an anonymous visitor wrote joins the history of who signs in, once and on every browser', async () => {
  const mina = jwt({ sub: 'mina', name: 'Mina Kim', email: 'mina@example.test', attributes: { plan: 'gold' } }, secret);
  const guest = await guestWith();
  await guest.open();
  await guest.say(`${mark('a', 1)} before signing in`);
  await guest.sees(mark('a', 1), 'stored');
  const id = await conversationOf(mark('a', 1));
  assert.equal((await api.get(`/api/v1/conversations/${id}`)).visitor.name, null);

  await guest.page.evaluate((token) => /** @type {any} */ (window).stalk('identify', token), mina);
  const { visitor } = await rowOf(id, (row) => row.visitor.name === 'Mina Kim');
  assert.equal(visitor.email, 'mina@example.test');
  await guest.say(`${mark('a', 2)} after signing in`);
  await guest.sees(mark('a', 2), 'stored');
  assert.deepEqual(await guest.marks(2), [mark('a', 1), mark('a', 2)]);

  const elsewhere = await guestWith(mina);
  await elsewhere.open();
  await elsewhere.sees(mark('a', 2));
  assert.deepEqual(await elsewhere.marks(2), [mark('a', 1), mark('a', 2)]);
  // Signed again on every page, as a shop does.
  await guest.page.reload();
  await guest.page.evaluate((token) => /** @type {any} */ (window).stalk('identify', token), mina);
  await guest.open();
  await guest.say(`${mark('a', 3)} on the next page`);
  await elsewhere.sees(mark('a', 3));
  assert.deepEqual(await marksOf(id), [mark('a', 1), mark('a', 2), mark('a', 3)]);
  const hers = (await api.conversations()).filter((/** @type {any} */ row) => row.visitor.id === visitor.id);
  assert.deepEqual(hers.map((/** @type {any} */ row) => row.id), [id]);
});

test('a token that is wrong, expired, unsigned or another site\'s is refused, the page is told, and the chat goes on without it', async () => {
  const other = await api.post('/api/v1/sites', { name: 'Another shop', domains: ['another.test'], language: 'en' });
  const another = await api.get(`/api/v1/sites/${other.id}/identity-secret`);
  const forgeries = {
    w: jwt({ sub: 'eve', name: 'Eve' }, 'a guess'),
    e: jwt({ sub: 'eve', name: 'Eve', exp: 1_600_000_000 }, secret),
    u: jwt({ sub: 'eve', name: 'Eve' }, '', 'none'),
    o: jwt({ sub: 'eve', name: 'Eve' }, another.secret),
  };
  for (const [name, token] of Object.entries(forgeries)) {
    const guest = await guestWith(token);
    await guest.page.waitForFunction(() => /** @type {any} */ (window).heard.includes('ready'));
    assert.deepEqual(await heard(guest), ['identity_refused', 'ready'], name);
    await guest.open();
    await guest.say(`${mark(name, 1)} as somebody`);
    await guest.sees(mark(name, 1), 'stored');
    const row = await api.get(`/api/v1/conversations/${await conversationOf(mark(name, 1))}`);
    assert.equal(row.visitor.name, null, name);
    // And with the panel open, where its own connection is refused.
    await guest.page.evaluate((forged) => /** @type {any} */ (window).stalk('identify', forged), token);
    await guest.page.waitForFunction(() => /** @type {any} */ (window).heard.filter((/** @type {string} */ it) => it === 'identity_refused').length === 2);
    await guest.say(`${mark(name, 2)} as nobody still`);
    await guest.sees(mark(name, 2), 'stored');
    await guest.page.context().close();
  }
});

test('a message that is sent again after the merge is still one', async () => {
  const guest = await guestWith();
  await guest.open();
  await guest.say(`${mark('r', 1)} first`);
  await guest.sees(mark('r', 1), 'stored');
  const id = await conversationOf(mark('r', 1));
  // Written down and not sent: what the outbox holds at such a moment is put back later, as after an answer that got lost.
  const panel = await guest.frame();
  await panel.evaluate(() => Object.assign(WebSocket.prototype, { send: () => {} }));
  await guest.say(`${mark('r', 2)} in between`);
  const kept = await guest.page.waitForFunction(() => {
    const key = Object.keys(localStorage).find((name) => name.includes(':out:'));
    return key && [key, localStorage.getItem(key)];
  });
  const [key, value] = /** @type {[string, string]} */ (await kept.jsonValue());
  await guest.page.reload();
  await guest.open();
  await guest.sees(mark('r', 2), 'stored');
  const emptied = () => guest.page.waitForFunction(() => !Object.keys(localStorage).some((name) => name.includes(':out:')));
  await emptied();

  await guest.page.evaluate((token) => /** @type {any} */ (window).stalk('identify', token), jwt({ sub: 'rana', name: 'Rana' }, secret));
  await rowOf(id, (row) => row.visitor.name === 'Rana');
  await guest.page.evaluate(([name, entry]) => localStorage.setItem(name, entry), [key, value]);
  await guest.page.reload();
  await guest.open();
  await emptied();
  await guest.say(`${mark('r', 3)} last`);
  await guest.sees(mark('r', 3), 'stored');
  assert.deepEqual(await marksOf(id), [mark('r', 1), mark('r', 2), mark('r', 3)]);
  assert.deepEqual(await guest.marks(3), [mark('r', 1), mark('r', 2), mark('r', 3)]);
});
