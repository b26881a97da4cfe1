// More scenes of drive.mjs: what a shop switches on and a visitor does beside writing.

import assert from 'node:assert/strict';
import { picture } from './picture.mjs';
import { message, openChat, state, until, write } from './steps.mjs';

const png = (name, width = 640, height = 420) => ({ name, mimeType: 'image/png', buffer: picture(width, height) });
const menu = async (page, what) => {
  await page.panel.getByTestId('menu').click();
  await page.panel.getByTestId('menu-' + what).click();
};
const begin = async (page, text = 'Is the apron in stock?') => {
  await openChat(page);
  await write(page, text);
  await state(page, text, 'stored');
};

export const scenes = {
  'files are sent by picker, paste and drop, and refused before they are sent': {
    async run({ mock, open }) {
      const page = await open();
      await begin(page);
      await page.panel.getByTestId('file-input').setInputFiles(png('apron.png'));
      await until(async () => (await page.panel.locator('[data-side=visitor] .picture img').count()) === 1, 'picture');
      await until(() => mock.last().log.length === 2, 'posted');
      assert.deepEqual(mock.last().log[1].data.attachment.name, 'apron.png');
      await page.panel.getByTestId('file-input').setInputFiles([{ name: '견적서 2026.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4') }]);
      await until(() => mock.last().log.length === 3, 'pdf posted');
      await page.panel.getByText('견적서 2026.pdf').waitFor();
      await page.panel.getByTestId('file-input').setInputFiles({ name: 'film.mov', mimeType: 'video/quicktime', buffer: Buffer.alloc(2 * 1024 * 1024) });
      await page.panel.getByText('Files can have 1 MB').waitFor();
      mock.state.filesDown = true;
      await page.panel.getByTestId('file-input').setInputFiles(png('second.png', 300, 500));
      await page.panel.getByTestId('upload-retry').waitFor();
      await page.shot('files-failed');
      mock.state.filesDown = false;
      await page.panel.getByTestId('upload-retry').click();
      await until(() => mock.last().log.length === 4, 'retried');
      await page.panel.getByTestId('upload-drop').click();
      await until(async () => !(await page.panel.getByText('film.mov').count()), 'dropped');
      const pasted = (event) =>
        page.panel.getByTestId('composer').evaluate((element, type) => {
          const data = new DataTransfer();
          data.items.add(new File(['hello'], 'note.txt', { type: 'text/plain' }));
          const target = type === 'paste' ? element : element.closest('.chat');
          const made = type === 'paste' ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }) : new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
          target.dispatchEvent(made);
        }, event);
      await pasted('paste');
      await until(() => mock.last().log.length === 5, 'pasted');
      await pasted('dragover');
      await page.panel.getByText('Drop files here').waitFor();
      await page.shot('files-drop');
      await pasted('drop');
      await until(() => mock.last().log.length === 6, 'dropped in');
      const size = { width: 640, height: 420 };
      const shared = { id: 'op-1', name: 'size-guide.png', media_type: 'image/png', size: 1234, ...size };
      mock.model.files.set('op-1', { attachment: shared, bytes: picture(640, 420) });
      mock.model.append(mock.last(), 'message.posted', { kind: 'operator', id: 'o', name: 'Mina' }, { kind: 'attachment', attachment: shared });
      await until(() => page.panel.locator('[data-side=operator] .picture img').evaluate((e) => e.complete && e.naturalWidth > 0).catch(() => false), 'shown');
      assert.match(await page.panel.locator('[data-side=operator] .picture a').getAttribute('href'), /^http:.*\/files\//);
      await page.shot('files');
      await page.reload();
      await until(async () => (await page.panel.locator('.picture img').count()) === 3, 'pictures after reload');
    },
  },
  'the questions before the chat are asked once and become a message': {
    async run({ mock, open }) {
      mock.model.site.prechat.enabled = true;
      mock.model.site.texts = { prechat_intro: 'So that we can answer you later too.' };
      const page = await open();
      await page.launcher.click();
      const { panel } = page;
      await panel.getByTestId('prechat-form').waitFor();
      await panel.getByTestId('prechat-send').click();
      await page.shot('prechat-faults');
      await panel.getByTestId('prechat-name').fill('Ara Kim');
      await panel.getByTestId('prechat-email').fill('refuse@example.com');
      await panel.getByTestId('prechat-text').fill('Do you ship to Jeju?');
      await panel.getByTestId('prechat-send').click();
      await panel.getByText('does not take mail').waitFor();
      await panel.getByTestId('prechat-email').fill('ara@example.com');
      await panel.getByTestId('prechat-send').click();
      await state(page, 'ship to Jeju', 'stored');
      await page.reload();
      await message(page, 'ship to Jeju').waitFor();
      assert.equal([...mock.model.visitors.values()][0].email, 'ara@example.com');
    },
  },
  'cards, quick replies, the queue and the typing preview': {
    async run({ mock, open }) {
      Object.assign(mock.model.site, { typing_preview: true });
      const page = await open();
      await begin(page);
      const c = mock.last();
      c.queue_position = 2;
      mock.model.changed(c);
      await page.panel.getByText('number 2 in line').waitFor();
      await page.shot('queue');
      c.queue_position = null;
      mock.assign();
      const card = { title: 'Linen apron, stone grey', text: 'Washed linen, made in Busan', price: '₩ 48,000', url: 'https://shop.example/apron', image_url: null, buttons: [{ label: 'See it', url: 'https://shop.example/apron' }, { label: 'Bad', url: 'javascript:alert(1)' }] };
      mock.model.append(c, 'message.posted', { kind: 'operator', id: 'o', name: 'Mina' }, { kind: 'card', card });
      await page.panel.getByTestId('card').waitFor();
      assert.equal(await page.panel.locator('.card .action').count(), 1);
      mock.model.append(c, 'message.posted', { kind: 'operator', id: 'o', name: 'Mina' }, { kind: 'text', text: 'Which size?', quick_replies: [{ label: 'Small' }, { label: 'Large' }, { label: 'I do not know yet' }] });
      await page.panel.getByTestId('quick-reply').first().waitFor();
      await page.shot('card');
      await page.panel.getByTestId('quick-reply').nth(1).click();
      await state(page, 'Large', 'stored');
      assert.equal(await page.panel.getByTestId('quick-reply').count(), 0);
      await page.panel.getByTestId('composer').pressSequentially('my card number', { delay: 30 });
      await until(() => mock.model.typed === 'my card number', 'preview');
      await page.panel.getByTestId('preview-notice').waitFor();
    },
  },
  'a conversation is ended, rated, saved and found again': {
    async run({ mock, open }) {
      const page = await open();
      await begin(page);
      mock.assign();
      mock.say('Yes, three left.');
      await message(page, 'three left').waitFor();
      await page.panel.getByTestId('menu').click();
      await page.shot('menu');
      await page.keyboard.press('Escape');
      assert.equal(await page.launcher.getAttribute('aria-expanded'), 'true');
      const saved = page.waitForEvent('download');
      await menu(page, 'transcript');
      await page.panel.getByTestId('transcript-save').click();
      const stream = await (await saved).createReadStream();
      const text = (await stream.toArray()).join('');
      assert.match(text, /You: Is the apron in stock\?/);
      assert.match(text, /Mina: Yes, three left\./);
      await page.panel.getByTestId('transcript-email').fill('ara@example.com');
      await page.panel.getByTestId('transcript-mail').click();
      await page.panel.getByTestId('transcript-code').fill('000000');
      await page.panel.getByTestId('transcript-mail').click();
      await page.panel.getByText('code is not right').waitFor();
      await page.shot('transcript');
      await page.panel.getByTestId('transcript-code').fill('123456');
      await page.panel.getByTestId('transcript-mail').click();
      await page.panel.getByTestId('transcript-sent').waitFor();
      assert.equal(mock.model.mails[0].to, 'ara@example.com');
      await page.keyboard.press('Escape');
      await menu(page, 'end');
      await page.shot('end');
      await page.panel.getByTestId('end-yes').click();
      await page.panel.getByTestId('rating').waitFor();
      await page.panel.getByTestId('rate-4').check({ force: true });
      await page.panel.getByTestId('rating-comment').fill('Quick');
      await page.shot('rating');
      await page.panel.getByTestId('rating-send').click();
      await page.panel.getByTestId('rating-thanks').waitFor();
      assert.deepEqual(mock.last().rating, { score: 4, comment: 'Quick' });
      mock.model.begin([...mock.model.visitors.values()][0]);
      mock.say('A second conversation');
      await message(page, 'A second conversation').waitFor();
      await menu(page, 'list');
      await page.panel.getByTestId('conversation').nth(1).waitFor();
      await page.shot('list');
      await page.panel.getByTestId('conversation').nth(1).click();
      await message(page, 'three left').waitFor();
      await page.shot('past');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await message(page, 'A second conversation').waitFor();
    },
  },
  'one’s data can be had and deleted, and one is a new visitor then': {
    async run({ mock, open }) {
      const page = await open();
      await begin(page);
      const before = await page.evaluate(() => localStorage['stalk:demo:visitor']);
      await menu(page, 'data');
      await page.shot('data');
      const saved = page.waitForEvent('download');
      await page.panel.getByTestId('data-download').click();
      assert.equal((await saved).suggestedFilename(), 'my-data.json');
      await page.panel.getByTestId('data-delete').click();
      await page.shot('data-delete');
      await page.panel.getByTestId('data-delete-yes').click();
      await page.panel.getByTestId('composer').waitFor();
      await until(async () => !(await message(page, 'in stock').count()), 'gone');
      await until(async () => ![before, undefined].includes(await page.evaluate(() => localStorage['stalk:demo:visitor'])), 'another visitor');
      await write(page, 'hello again');
      await state(page, 'hello again', 'stored');
    },
  },
  'emoji go where the cursor is, by mouse and by keys': {
    async run({ open }) {
      const page = await open();
      await openChat(page);
      await page.panel.getByTestId('composer').fill('ab');
      await page.panel.getByTestId('composer').press('ArrowLeft');
      await page.panel.getByTestId('emoji').click();
      await page.panel.getByTestId('emoji-picker').waitFor();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await until(async () => /^a\p{Extended_Pictographic}\uFE0F?b$/u.test(await page.panel.getByTestId('composer').inputValue()), 'in the middle');
      await page.shot('emoji');
      await page.keyboard.press('Escape');
      await until(() => page.panel.getByTestId('composer').evaluate((e) => e === document.activeElement), 'back in the text');
      await page.panel.getByTestId('emoji').click();
      await page.panel.getByText('Recently used').waitFor();
    },
  },
  'what was unread is marked when the panel is opened': {
    async run({ mock, open }) {
      const page = await open();
      await begin(page);
      await page.panel.getByTestId('close-panel').click();
      await until(() => [...mock.peers].map((p) => p.kind).join() === 'loader', 'the loader took over');
      mock.say('First news');
      mock.say('Second news');
      await until(async () => (await page.getByTestId('stalk-badge').textContent()) === '2', 'badge');
      await page.launcher.click();
      await message(page, 'Second news').waitFor();
      await page.panel.locator('.unread').waitFor();
      await page.shot('unread');
      await write(page, 'thank you');
      await until(async () => !(await page.panel.locator('.unread').count()), 'mark gone');
    },
  },
  'the page says who its visitor is, what it sells, and hears of messages': {
    async run({ mock, open }) {
      const calls = "stalk('identify','good-jwt');stalk('attributes',{plan:'gold'});window.heard=[];stalk('on','message',function(m){heard.push(m.text)});stalk('on','ready',function(){heard.push('ready')});stalk('on','identity_refused',function(){heard.push('refused')});stalk('open')";
      const page = await open('/?calls=' + encodeURIComponent(calls));
      await page.panel.getByTestId('composer').waitFor();
      await until(() => mock.model.attributes.length === 1, 'attributes');
      assert.deepEqual(mock.model.attributes, [{ plan: 'gold' }]);
      const [visitor] = mock.model.visitors.values();
      assert.equal(visitor.identified, true);
      assert.ok(mock.state.hellos.some((hello) => hello.lite && hello.identity === 'good-jwt'));
      await write(page, 'hello');
      await state(page, 'hello', 'stored');
      mock.say('to the open panel');
      await until(async () => (await page.evaluate(() => heard.join())) === 'ready,to the open panel', 'message event');
      await page.evaluate(() => stalk('close'));
      await until(() => [...mock.peers].map((p) => p.kind).join() === 'loader', 'the loader took over');
      mock.say('to the closed one');
      await until(async () => (await page.evaluate(() => heard.at(-1))) === 'to the closed one', 'message event');
      await page.evaluate(() => stalk('identify', 'bad-jwt'));
      await until(async () => (await page.evaluate(() => heard.at(-1))) === 'refused', 'refused');
      await until(() => mock.peers.size === 1, 'connected without');
      await page.evaluate(() => stalk('open'));
      await until(() => [...mock.peers].map((p) => p.kind).join() === 'panel', 'the panel took over');
      await page.evaluate(() => stalk('identify', 'bad-again'));
      await until(async () => (await page.evaluate(() => heard.filter((one) => one === 'refused').length)) === 2, 'refused in the panel');
      await write(page, 'still here');
      await state(page, 'still here', 'stored');
    },
  },
  'the old snippet works': {
    async run({ open }) {
      const page = await open('/?old=1');
      await begin(page);
    },
  },
  'the chat stands in the page where the page has a place for it': {
    async run({ mock, open }) {
      const page = await open('/?inline=1');
      await page.panel.getByTestId('composer').waitFor();
      assert.equal(await page.launcher.isVisible(), false);
      await write(page, 'from within');
      await state(page, 'from within', 'stored');
      assert.equal(await page.panel.getByTestId('close-panel').count(), 0);
      mock.say('answered within');
      await until(() => mock.last().receipts.visitor.read === mock.last().log.length, 'read');
      await page.shot('inline');
      const full = await open('/?full=1');
      await message(full, 'answered within').waitFor();
      await full.shot('full');
    },
  },
};

const styled = (as, site, options = {}) => ({
  options,
  async run({ mock, open }) {
    Object.assign(mock.model.site, site);
    const page = await open('/?lang=' + (site.language ?? 'en'));
    if (site.launcher === 'hidden') await page.waitForFunction(() => window.stalk?.v);
    else await page.launcher.waitFor();
    await page.shot(as + '-closed');
    await page.evaluate(() => stalk('open'));
    await page.panel.getByTestId('composer').waitFor();
    await page.shot(as);
  },
});
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
scenes['looks pill dark always'] = styled('style-pill', { launcher: 'pill', launcher_label: '무엇이든 물어보세요', theme: 'dark', language: 'ko', color: '#ffffff', offset_y: 60, offset_x: 40 });
scenes['looks hidden left'] = styled('style-hidden', { launcher: 'hidden', side: 'left', color: '#111111' });
scenes['looks pill on a phone'] = styled('style-pill-phone', { launcher: 'pill', language: 'ko' }, phone);
