// What one person sends appears in the order sent, also when a file takes long: in the panel and in the console.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { mark } from './fixtures/log.mjs';
import { png } from './fixtures/picture.mjs';
import { openScene } from './fixtures/scene.mjs';

const { test, scene, operator, visitor, conversationOf, api } = await openScene();
const present = await api.socket();
after(() => present.close());

/** Uploads of this profile rest until `release` is called. @param {import('playwright-core').BrowserContext} context */
async function holdUploads(context) {
  /** @type {() => void} */
  let release = () => undefined;
  const released = new Promise((done) => (release = () => done(undefined)));
  /** @type {() => void} */
  let came = () => undefined;
  const arrived = new Promise((done) => (came = () => done(undefined)));
  await context.route(/\/(api|widget)\/v1\/files\?/, async (route) => {
    came();
    await released;
    // Cancelled meanwhile, there is nothing to go on with.
    await route.continue().catch(() => undefined);
  });
  return { release, arrived };
}

const picture = { name: 'cup.png', mimeType: 'image/png', buffer: png(60, 40) };
/** Of a log, what each message says. @param {any[]} log */
const told = (log) => log.filter((it) => it.type === 'message.posted').map((it) => it.data.text ?? it.data.attachment.name);

/** Waits until the log has so many messages. @param {string} id @param {number} many */
async function logged(id, many) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const log = told(await api.log(id));
    if (log.length >= many) return log;
    assert.ok(Date.now() < deadline, `${JSON.stringify(log)} after 15 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('a visitor\'s text does not overtake the picture sent before it', async () => {
  const context = await scene.profile();
  const guest = await (await visitor(context)).goto();
  await guest.open();
  await guest.say(`${mark('v', 1)} this one`);
  const id = await conversationOf(mark('v', 1));
  const { release, arrived } = await holdUploads(context);
  await guest.panel.getByTestId('file-input').setInputFiles(picture);
  await arrived;
  await guest.say(`${mark('v', 2)} it broke`);
  await guest.message(mark('v', 2)).getByTestId('behind').waitFor();
  assert.deepEqual(told(await api.log(id)), [`${mark('v', 1)} this one`]);
  release();
  await guest.sees(mark('v', 2), 'stored');
  assert.deepEqual(await logged(id, 3), [`${mark('v', 1)} this one`, 'cup.png', `${mark('v', 2)} it broke`]);
  const shown = await guest.panel.getByTestId('message').evaluateAll((all) => all.map((it) => it.getAttribute('data-seq')));
  assert.deepEqual(shown, ['1', '2', '3']);
  await context.close();
});

test('a visitor\'s text goes when the picture before it is cancelled', async () => {
  const context = await scene.profile();
  const guest = await (await visitor(context)).goto();
  await guest.open();
  await guest.say(`${mark('c', 1)} look`);
  const id = await conversationOf(mark('c', 1));
  const { release, arrived } = await holdUploads(context);
  await guest.panel.getByTestId('file-input').setInputFiles(picture);
  await arrived;
  await guest.say(`${mark('c', 2)} never mind`);
  await guest.message(mark('c', 2)).getByTestId('behind').waitFor();
  await guest.panel.getByTestId('upload-cancel').click();
  await guest.sees(mark('c', 2), 'stored');
  release();
  assert.deepEqual(await logged(id, 2), [`${mark('c', 1)} look`, `${mark('c', 2)} never mind`]);
  await context.close();
});

test('an operator\'s text does not overtake the file sent before it, and goes when that is taken back', async () => {
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.say(`${mark('o', 1)} a photo, please`);
  const id = await conversationOf(mark('o', 1));
  const context = await scene.profile();
  const shop = await (await operator(context)).open(id);
  const first = await holdUploads(context);
  await shop.page.locator('input[type=file]').first().setInputFiles(picture);
  await first.arrived;
  await shop.say(`${mark('o', 2)} here it is`);
  await shop.sees(mark('o', 2), 'sending');
  await shop.page.getByText('Goes after the file').waitFor();
  assert.equal(told(await api.log(id)).length, 1);
  first.release();
  await guest.sees(mark('o', 2));
  assert.deepEqual(await logged(id, 3), [`${mark('o', 1)} a photo, please`, 'cup.png', `${mark('o', 2)} here it is`]);

  await context.unrouteAll({ behavior: 'ignoreErrors' });
  const second = await holdUploads(context);
  await shop.page.locator('input[type=file]').first().setInputFiles(picture);
  await second.arrived;
  await shop.say(`${mark('o', 3)} and another`);
  await shop.sees(mark('o', 3), 'sending');
  await shop.page.getByTestId('cancel-file').click();
  await guest.sees(mark('o', 3));
  second.release();
  assert.equal((await logged(id, 4)).length, 4);
  await context.close();
});
