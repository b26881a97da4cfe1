// What is a visitor's own: the conversation as a file or by mail, and everything that the shop keeps of them, to have and to have removed.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after } from 'node:test';
import { mark } from './fixtures/log.mjs';
import { openScene } from './fixtures/scene.mjs';
import { field } from './fixtures/visitor.mjs';

const { test, visitor, conversationOf, api, mailbox } = await openScene({ mail: true });
const present = await api.socket();
after(() => present.close());
const site = await api.site();
await api.patch(`/api/v1/sites/${site.id}`, { time_zone: 'Asia/Seoul' });

/** A conversation with an edit and something taken back in it. @param {string} who */
async function talked(who) {
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.say(`${mark(who, 1)} a <b>question</b>`);
  const id = await conversationOf(mark(who, 1));
  const say = (/** @type {string} */ text) => api.post(`/api/v1/conversations/${id}/messages`, { client_message_id: crypto.randomUUID(), text });
  const { message } = await say(`${mark(who, 2)} an answre`);
  await api.put(`/api/v1/conversations/${id}/messages/${message.seq}`, { client_message_id: crypto.randomUUID(), text: `${mark(who, 2)} an answer` });
  const wrong = (await say('a wrong price')).message;
  await api.delete(`/api/v1/conversations/${id}/messages/${wrong.seq}`);
  await guest.message('a wrong price').waitFor({ state: 'detached' });
  await guest.sees('an answer');
  return { guest, id };
}

/** @param {import('./fixtures/visitor.mjs').Visitor} guest @param {string} view */
async function view(guest, view) {
  await guest.panel.getByTestId('menu').click();
  await guest.panel.getByTestId(`menu-${view}`).click();
  await guest.panel.getByTestId('sheet').waitFor();
}

test('the conversation is had as a file, and by mail once the address is confirmed', async () => {
  const { guest } = await talked('t');
  await view(guest, 'transcript');
  const [download] = await Promise.all([guest.page.waitForEvent('download'), guest.panel.getByTestId('transcript-save').click()]);
  assert.match(download.suggestedFilename(), /^chat-\d{4}-\d\d-\d\d\.txt$/);
  const text = await readFile(await download.path(), 'utf8');
  assert.ok(text.includes(`${mark('t', 1)} a <b>question</b>`) && text.includes('an answer'), text);
  assert.ok(!text.includes('answre') && !text.includes('a wrong price'), text);

  await field(guest.panel, 'transcript-email').fill('mina@example.test');
  await guest.panel.getByTestId('transcript-mail').click();
  const code = field(guest.panel, 'transcript-code');
  await code.waitFor();
  const [letter] = (await mailbox?.arrived((it) => /\d{6}/.test(it.subject ?? ''))) ?? [];
  const right = /\d{6}/.exec(letter.subject ?? '')?.[0] ?? '';
  await code.fill(right === '000000' ? '111111' : '000000');
  await guest.panel.getByTestId('transcript-mail').click();
  await guest.panel.locator('[aria-invalid=true]').waitFor();
  await code.fill(right);
  await guest.panel.getByTestId('transcript-mail').click();
  await guest.panel.getByTestId('transcript-sent').getByText('mina@example.test').waitFor();
  const [mail] = (await mailbox?.arrived((it) => (it.text ?? '').includes(mark('t', 1)))) ?? [];
  assert.equal(mail.to && 'text' in mail.to ? mail.to.text : '', 'mina@example.test');
  for (const body of [mail.text ?? '', mail.html || '']) {
    assert.ok(body.includes('an answer') && body.includes('Asia/Seoul') && !body.includes('answre') && !body.includes('a wrong price'), body);
  }
  assert.ok((mail.html || '').includes('a &#60;b&#62;question') || (mail.html || '').includes('a &lt;b&gt;question'));
});

test('everything the shop keeps is had as a file and removed, and who comes back is somebody new', async () => {
  const { guest, id } = await talked('d');
  const before = await guest.page.evaluate(() => Object.entries(localStorage).find(([key]) => key.endsWith(':visitor'))?.[1]);
  await view(guest, 'data');
  const [download] = await Promise.all([guest.page.waitForEvent('download'), guest.panel.getByTestId('data-download').click()]);
  const kept = JSON.parse(await readFile(await download.path(), 'utf8'));
  assert.equal(kept.conversations[0].entries[0].data.text, `${mark('d', 1)} a <b>question</b>`);
  assert.ok(kept.page_views.length > 0 && kept.visitors.length === 1);

  await guest.panel.getByTestId('data-delete').click();
  await guest.panel.getByTestId('data-delete-yes').click();
  await guest.composer.waitFor();
  await guest.message(mark('d', 1)).waitFor({ state: 'detached' });
  const log = await api.log(id);
  assert.ok(!JSON.stringify(log).includes(mark('d', 1)), 'the text is gone');
  await guest.say(`${mark('n', 1)} from somebody new`);
  await guest.sees(mark('n', 1), 'stored');
  assert.notEqual(await conversationOf(mark('n', 1)), id);
  const now = await guest.page.evaluate(() => Object.entries(localStorage).find(([key]) => key.endsWith(':visitor'))?.[1]);
  assert.ok(before && now && before !== now);
});
