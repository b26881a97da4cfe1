// Files between a visitor and the shop: sent by picker and paste, seen by both, refused in words.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { crc32 } from 'node:zlib';
import { mark } from './fixtures/log.mjs';
import { png } from './fixtures/picture.mjs';
import { openScene } from './fixtures/scene.mjs';

const { test, profile, visitor, conversationOf, api } = await openScene();
const present = await api.socket();
after(() => present.close());

test('a picture and a document reach the conversation, and are there after a reload', async () => {
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.say(`${mark('f', 1)} here they are`);
  const id = await conversationOf(mark('f', 1));
  const input = guest.panel.getByTestId('file-input');
  await input.setInputFiles({ name: '앞치마.png', mimeType: 'image/png', buffer: png(600, 400) });
  const picture = guest.panel.locator('[data-side=visitor][data-seq="2"] .picture img');
  await picture.waitFor();
  await input.setInputFiles({ name: 'order.txt', mimeType: 'text/plain', buffer: Buffer.from('two aprons') });
  await guest.panel.locator('[data-side=visitor][data-seq="3"]').filter({ hasText: 'order.txt' }).waitFor();
  const log = await api.log(id);
  assert.deepEqual(log.map((/** @type {any} */ entry) => entry.data.kind), ['text', 'attachment', 'attachment']);
  assert.deepEqual([log[1].data.attachment.name, log[1].data.attachment.width, log[2].data.attachment.name], ['앞치마.png', 600, 'order.txt']);

  await guest.page.reload();
  await guest.open();
  await picture.waitFor();
  await guest.page.waitForFunction(() => true);
  const deadline = Date.now() + 10_000;
  while (!(await picture.evaluate((image) => /** @type {HTMLImageElement} */ (image).naturalWidth > 0))) {
    assert.ok(Date.now() < deadline, 'the picture did not load');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.match((await guest.panel.locator('[data-seq="3"] .file a').getAttribute('href')) ?? '', /^http.*\/files\//);
});

test('a file that is too large is refused by name before it is sent', async () => {
  const site = await api.site();
  await api.patch(`/api/v1/sites/${site.id}`, { settings: { files: { max_mib: 1 } } });
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.panel.getByTestId('file-input').setInputFiles({ name: 'film.mov', mimeType: 'video/quicktime', buffer: Buffer.alloc(2 * 1024 * 1024) });
  await guest.panel.getByText('This file is 2 MB. Files can have 1 MB.').waitFor();
  await guest.panel.getByTestId('upload-drop').click();
  await guest.panel.getByTestId('message').waitFor({ state: 'detached' });
});

test('what the server refuses is said in the visitor\'s language', async () => {
  const site = await api.site();
  const guest = await (await visitor(await profile({ locale: 'ko-KR' }))).goto();
  await guest.open();
  const input = guest.panel.getByTestId('file-input');
  const bomb = png(8, 8);
  bomb.writeUInt32BE(50_000, 16);
  bomb.writeUInt32BE(50_000, 20);
  bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
  await input.setInputFiles({ name: 'bomb.png', mimeType: 'image/png', buffer: bomb });
  await guest.panel.getByText('사진의 픽셀이 너무 많아요.').waitFor();
  await input.setInputFiles({ name: 'broken.png', mimeType: 'image/png', buffer: png(8, 8).subarray(0, 40) });
  await guest.panel.getByText('사진을 읽을 수 없어요.').waitFor();
  await api.patch(`/api/v1/sites/${site.id}`, { settings: { files: { types: 'images' } } });
  await input.setInputFiles({ name: 'page.png', mimeType: 'image/png', buffer: Buffer.from('<script>alert(1)</script>') });
  await guest.panel.getByText('사진(PNG').waitFor();
  await api.patch(`/api/v1/sites/${site.id}`, { settings: { files: { types: 'all' } } });
});
