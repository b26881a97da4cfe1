// Files from the shop: chosen, pasted and dropped in the console, shown before they are sent, seen by the visitor, found beside the log.

import assert from 'node:assert/strict';
import { mark } from './fixtures/log.mjs';
import { png } from './fixtures/picture.mjs';
import { GENEROUS, openScene } from './fixtures/scene.mjs';

const { test, api, operator, visitor, conversationOf } = await openScene({ env: GENEROUS });

/** @type {import('./fixtures/operator.mjs').Operator} */
let shop;
/** @type {import('./fixtures/visitor.mjs').Visitor} */
let guest;
let id = '';

/** A file as the clipboard or the mouse brings it. @param {'paste' | 'drop'} how @param {{ name: string, type: string, bytes: Buffer }} file */
const bring = (how, { name, type, bytes }) =>
  shop.page.evaluate(([event, name, type, bytes]) => {
    const carried = new DataTransfer();
    carried.items.add(new File([new Uint8Array(/** @type {number[]} */ (bytes))], /** @type {string} */ (name), { type: /** @type {string} */ (type) }));
    const field = /** @type {HTMLElement} */ (document.querySelector('textarea[data-testid="composer"]'));
    if (event === 'paste') field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }));
    else for (const kind of ['dragenter', 'dragover', 'drop']) field.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
  }, /** @type {const} */ ([how, name, type, [...bytes]]));

const tray = () => shop.page.getByTestId('tray-file');
const inPanel = (/** @type {string} */ name) => guest.panel.locator('[data-testid="attachment"]').filter({ hasText: name });

/** Waits until a picture is really drawn. @param {import('playwright-core').Locator} picture */
async function drawn(picture) {
  await picture.waitFor();
  const deadline = Date.now() + 10_000;
  while (!(await picture.evaluate((image) => /** @type {HTMLImageElement} */ (image).naturalWidth > 0))) {
    assert.ok(Date.now() < deadline, 'the picture did not load');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('a picture that is chosen goes with the words it is about', async () => {
  shop = await operator();
  guest = await (await visitor()).goto();
  await guest.open();
  await guest.say(`${mark('f', 1)} how does it look?`);
  id = await conversationOf(mark('f', 1));
  await shop.open(id);
  await shop.page.getByTestId('file-input').setInputFiles({ name: '찻잔.png', mimeType: 'image/png', buffer: png(640, 480) });
  // Words do not wait for a file that is still on its way up; one that is there goes first.
  await tray().filter({ hasText: '찻잔.png' }).and(shop.page.locator('[data-state="ready"]')).waitFor();
  await shop.composer.fill(`${mark('f', 2)} like this`);
  await shop.page.getByTestId('send').click();
  await tray().first().waitFor({ state: 'detached' });
  await guest.sees(mark('f', 2));
  await drawn(guest.panel.locator('[data-testid="attachment"] img').first());
  await drawn(shop.page.locator('[data-testid="message"] [data-testid="attachment-picture"] img').first());
  const log = (await api.log(id)).filter((entry) => entry.type === 'message.posted');
  assert.deepEqual(log.map((entry) => entry.data.kind), ['text', 'attachment', 'text']);
});

test('what is pasted and what is dropped waits to be sent, and can be taken out again', async () => {
  await shop.composer.click();
  await bring('paste', { name: 'screen.png', type: 'image/png', bytes: png(40, 30) });
  await tray().filter({ hasText: 'screen.png' }).waitFor();
  await bring('drop', { name: 'invoice.txt', type: 'text/plain', bytes: Buffer.from('two cups, 24,000') });
  await bring('drop', { name: 'wrong.txt', type: 'text/plain', bytes: Buffer.from('of somebody else') });
  await tray().nth(2).waitFor();
  await tray().filter({ hasText: 'wrong.txt' }).getByTestId('cancel-file').click();
  await tray().nth(2).waitFor({ state: 'detached' });
  for (const name of ['screen.png', 'invoice.txt']) await tray().filter({ hasText: name }).and(shop.page.locator('[data-state="ready"]')).waitFor();
  await shop.page.getByTestId('send').click();
  await inPanel('invoice.txt').waitFor();
  await tray().first().waitFor({ state: 'detached' });
  const names = (await api.log(id)).flatMap((entry) => entry.data.attachment?.name ?? []);
  assert.deepEqual(names, ['찻잔.png', 'screen.png', 'invoice.txt']);
});

test('files of the conversation stand beside it, after a reload too', async () => {
  await shop.page.reload();
  const beside = shop.page.getByTestId('shared-files');
  await beside.getByTestId('attachment-file').filter({ hasText: 'invoice.txt' }).waitFor();
  assert.equal(await beside.getByTestId('attachment-picture').count(), 2);
  const link = beside.locator('[data-testid="attachment-file"][href]');
  await link.waitFor();
  const href = await link.getAttribute('href');
  const answer = await fetch(href ?? '');
  assert.equal(await answer.text(), 'two cups, 24,000');
  assert.match(answer.headers.get('content-disposition') ?? '', /^attachment/);
});

test('a file that is too large is refused by name, and the words beside it can still be sent', async () => {
  const site = await api.site();
  await api.patch(`/api/v1/sites/${site.id}`, { settings: { files: { max_mib: 1 } } });
  await shop.page.getByTestId('file-input').setInputFiles({ name: 'film.mov', mimeType: 'video/quicktime', buffer: Buffer.alloc(2 * 1024 * 1024) });
  const chip = tray().filter({ hasText: 'film.mov' });
  await chip.and(shop.page.locator('[data-state="failed"]')).waitFor();
  assert.match((await chip.textContent()) ?? '', /2 MB/);
  assert.equal(await chip.getByTestId('retry-file').count(), 0, 'the same file is as large the second time');
  await chip.getByTestId('cancel-file').click();
  await tray().first().waitFor({ state: 'detached' });
  await shop.say(`${mark('f', 3)} it is too large to send`);
  await guest.sees(mark('f', 3));
});
