// From Enter to the wire: what the visitor's own side adds before a message leaves.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { mark } from './fixtures/log.mjs';
import { GENEROUS, openScene } from './fixtures/scene.mjs';

const EACH = 40;
/** On a quiet machine it is a few milliseconds; a busy one gets more. */
const LIMIT = 100;

const { test, visitor, api } = await openScene({ env: GENEROUS });
const present = await api.socket();
after(() => present.close());

test('a message leaves within milliseconds of Enter, also in a long conversation', async (t) => {
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.say('Hello');
  await guest.sees('Hello', 'stored');
  const panel = await guest.frame();
  await panel.evaluate(() => {
    const taken = /** @type {number[]} */ ([]);
    let pressed = 0;
    Object.assign(window, { __taken: taken });
    addEventListener('keydown', (event) => event.key === 'Enter' && (pressed = performance.now()), true);
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) {
      if (pressed && String(data).includes('message.post')) {
        taken.push(performance.now() - pressed);
        pressed = 0;
      }
      send.call(this, data);
    };
  });
  for (let number = 1; number <= EACH; number++) {
    await guest.say(`${mark('e', number)} what a person would write`);
    await guest.sees(mark('e', number), 'stored');
  }
  const taken = await panel.evaluate(() => [.../** @type {any} */ (window).__taken].sort((a, b) => a - b));
  assert.equal(taken.length, EACH);
  t.diagnostic(`Enter to frame: p50 ${taken[EACH / 2].toFixed(1)} ms, p90 ${taken[EACH * 0.9].toFixed(1)} ms, worst ${taken[EACH - 1].toFixed(1)} ms`);
  assert.ok(taken[EACH / 2] <= LIMIT);
});
