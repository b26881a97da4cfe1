// Three nodes behind HAProxy as deploy/haproxy.cfg says, and people who talk while nodes come and go: nobody loses a word, and nobody has to
// do anything about it.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { launch } from './fixtures/browser.mjs';
import { Api } from './fixtures/api.mjs';
import { Cluster } from './fixtures/cluster.mjs';
import { mark } from './fixtures/log.mjs';
import { Operator } from './fixtures/operator.mjs';
import { GENEROUS } from './fixtures/scene.mjs';
import { Visitor } from './fixtures/visitor.mjs';

const VISITORS = 3;

const cluster = await Cluster.start(3, GENEROUS);
const browser = await launch();
after(async () => {
  await browser.close();
  await cluster.stop();
});

/** @param {object} [options] */
const page = async (options = {}) => {
  const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(30_000);
  return context.newPage();
};

/** @type {Visitor[]} */
const guests = [];
/** @type {Operator} */
let shop;
/** @type {string[]} */
const ids = [];
const said = Array.from({ length: VISITORS }, () => 0);
const asked = Array.from({ length: VISITORS }, () => 0);

/** Everybody says something, and the operator answers in the first conversation. */
const round = async () => {
  for (const [who, guest] of guests.entries()) await guest.say(`${mark('abc'[who], (said[who] += 1))} from visitor ${who}`);
  await shop.say(`${mark('o', (asked[0] += 1))} from the shop`);
};

/** Everything that was said stands on both screens, once and in order. */
const whole = async () => {
  for (const [who, guest] of guests.entries()) await guest.sees(mark('abc'[who], said[who]));
  await guests[0].sees(mark('o', asked[0]));
  await shop.sees(mark('a', said[0]));
  const there = await guests[0].marks(said[0] + asked[0]);
  assert.deepEqual(there.filter((it) => it.startsWith('[a')), Array.from({ length: said[0] }, (_, index) => mark('a', index + 1)));
  assert.deepEqual(await shop.marks(said[0] + asked[0]), there, 'both screens show the same');
};

test('visitors and an operator meet, whichever node they came to', { timeout: 120_000 }, async () => {
  const api = await Api.signIn(cluster.url, cluster.email, cluster.password);
  await api.patch('/api/v1/me', { availability: 'online' });
  for (const { id } of (await api.get('/api/v1/sites')).items) await api.patch(`/api/v1/sites/${id}`, { routing: { mode: 'manual' } });
  shop = await new Operator(await page(), /** @type {any} */ (cluster)).signIn();
  for (let who = 0; who < VISITORS; who++) {
    const guest = await new Visitor(await page(), cluster.shopUrl).goto();
    await guest.open();
    guests.push(guest);
    await guest.say(`${mark('abc'[who], (said[who] += 1))} hello`);
    await guest.sees(mark('abc'[who], 1));
  }
  for (let who = 0; who < VISITORS; who++) {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const found = (await api.conversations()).find((/** @type {any} */ it) => it.last_message?.text.includes(mark('abc'[who], 1)));
      if (found) {
        ids.push(found.id);
        break;
      }
      assert.ok(Date.now() < deadline, 'the conversation is listed');
      await pause(50);
    }
  }
  await shop.open(ids[0]);
  await round();
  await whole();
});

test('nodes are stopped one after the other while everybody goes on talking', { timeout: 240_000 }, async (t) => {
  for (const [index, node] of cluster.nodes.entries()) {
    const draining = node.drain();
    await round();
    const took = await draining;
    await round();
    await whole();
    await node.launch();
    t.diagnostic(`node ${index + 1} drained in ${took} ms`);
    assert.ok(took <= 20_000, `a node stops within 15 s, this one took ${took} ms`);
  }
});

test('a node that is killed costs nobody a word', { timeout: 240_000 }, async () => {
  for (const node of cluster.nodes) {
    await round();
    await node.kill();
    await round();
    await whole();
    await node.launch();
  }
  await cluster.ready();
  await round();
  await whole();
});
