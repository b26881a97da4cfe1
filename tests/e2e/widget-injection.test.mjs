// The other places where somebody's words stand: file names, attributes, the shop's own texts, cards, answers to press, ratings. Shown in panel, console,
// transcript and mail, nothing of it runs, with the policy and without, and where there is a policy nothing even tries.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after } from 'node:test';
import { GENEROUS, openScene } from './fixtures/scene.mjs';
import { badLinks, setTrap } from './fixtures/trap.mjs';
import { field } from './fixtures/visitor.mjs';
import { further } from './payloads.mjs';

const { test, scene, api, stalk, mailbox } = await openScene({ env: GENEROUS, mail: true });
const present = await api.socket();
after(() => present.close());
const site = await api.site();

/** Shown as the page pleases: white space apart, and without what a name may not hold. @param {string} text */
const squeezed = (text) => text.replace(/[\s\p{Cc}\p{Cf}]+/gu, '');
/** @param {string} text @param {string[]} wanted */
const missing = (text, wanted) => wanted.filter((payload) => !squeezed(text).includes(squeezed(payload)));
/** @param {import('playwright-core').Page | import('playwright-core').Frame} screen */
const textOf = (screen) => screen.evaluate(() => document.body.textContent ?? '');

/** A profile that notices what runs, and what a policy had to stop. @param {boolean} bypassCSP */
async function watched(bypassCSP) {
  const context = await scene.profile({ bypassCSP });
  const sprung = await setTrap(context);
  await context.exposeBinding('__breach', (_source, /** @type {string} */ what) => void sprung.push(`a policy had to stop ${what}`));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => /** @type {any} */ (window).__breach(`${event.violatedDirective} ${event.blockedURI} in ${location.href}`));
  });
  return { context, sprung };
}

/** Waits until a screen shows these texts. @param {() => Promise<string | null>} text @param {string[]} wanted */
async function shows(text, wanted) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const lacks = missing((await text()) ?? '', wanted);
    if (lacks.length === 0) return;
    assert.ok(Date.now() < deadline, `not shown as written: ${JSON.stringify(lacks)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** What a file may be called: the server takes away paths and what a file system minds. @param {string} name @param {string} ticket */
async function upload(name, ticket) {
  for (;;) {
    const answer = await fetch(`${stalk.widgetUrl}/widget/v1/files?name=${encodeURIComponent(name)}`, {
      method: 'POST', headers: { origin: stalk.shopUrl, authorization: `Bearer ${ticket}`, 'x-stalk-site': site.key }, body: 'words',
    });
    const said = await answer.json();
    if (said.attachment) return said.attachment;
    const wait = said.err?.retry_after_ms ?? said.retry_after_ms;
    assert.ok(answer.status === 429 && wait, `${name}: ${JSON.stringify(said)}`);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** @param {string} ticket @param {string} m @param {object} p */
async function ask(ticket, m, p) {
  const answer = await fetch(`${stalk.widgetUrl}/widget/v1/requests`, {
    method: 'POST', body: JSON.stringify({ m, p }),
    headers: { origin: stalk.shopUrl, 'content-type': 'application/json', authorization: `Bearer ${ticket}`, 'x-stalk-site': site.key },
  });
  const { ok, err } = await answer.json();
  assert.ok(ok, `${m}: ${JSON.stringify(err)}`);
  return ok;
}

for (const bypassCSP of [false, true]) {
  const policy = bypassCSP ? 'without' : 'with';

  test(`file names, attributes, cards, answers and ratings are text in panel, console, transcript and mail, ${policy} the policy`, async () => {
    const [mine, theirs] = [await watched(bypassCSP), await watched(bypassCSP)];
    const guest = await (await scene.visitor(mine.context)).goto();
    await guest.open();
    await guest.say(`begin ${policy}`);
    const id = await scene.conversationOf(`begin ${policy}`);
    const ticket = /** @type {string} */ (await guest.page.evaluate(() => Object.entries(localStorage).find(([key]) => key.endsWith(':ticket'))?.[1]));
    const post = (/** @type {object} */ content) => api.post(`/api/v1/conversations/${id}/messages`, { client_message_id: randomUUID(), ...content });

    const names = [];
    for (const payload of further) {
      const attachment = await upload(payload, ticket);
      names.push(attachment.name);
      await ask(ticket, 'message.post', { client_message_id: randomUUID(), conversation: id, attachment: attachment.id });
    }
    assert.ok(names.every((name) => !/[<>:"|?*/\\\p{Cc}\u202e]/u.test(name)), 'names without what a file system minds');
    // A visitor has at most 50 attributes: two payloads in each, and a third of each as its name.
    const attributes = Object.fromEntries(further.slice(0, 31).map((payload, index) => [payload.slice(0, 40), `${payload}\n${further[index + 31]}`]));
    await ask(ticket, 'visitor.put', { attributes });
    await ask(ticket, 'visitor.put', { name: further[0].slice(0, 100) });
    for (const payload of further) {
      const [title, label] = [payload.slice(0, 120), payload.slice(0, 40)];
      await post({ card: { title, text: payload, price: label, image_url: null, url: 'https://shop.example.test/', buttons: [{ label, url: `https://shop.example.test/?q=${encodeURIComponent(payload)}` }] } });
      await assert.rejects(post({ card: { title: 'x', text: null, image_url: `javascript:${payload}`, url: null, price: null, buttons: [] } }));
    }
    await post({ text: 'Which one?', quick_replies: [...new Set(further.map((payload) => payload.slice(0, 30)))].slice(0, 10).map((label) => ({ label })) });
    await guest.sees('Which one?');
    await guest.panel.getByTestId('quick-reply').first().waitFor();

    const shop = await scene.operator(theirs.context);
    await shop.page.goto(`${stalk.url}/console/inbox/all/${id}`);
    await shop.sees('Which one?');
    await shop.page.getByTestId('visitor-panel').getByText(further[61]).waitFor();
    for (const [name, screen] of /** @type {const} */ ([['panel', await guest.frame()], ['console', shop.page]])) {
      // The newest page of the log: the cards, and what follows.
      await shows(() => textOf(screen), further.slice(-20));
      assert.deepEqual(await badLinks(screen), [], name);
    }
    await guest.panel.getByTestId('quick-reply').first().click();
    await guest.panel.getByTestId('quick-reply').first().waitFor({ state: 'detached' });

    await guest.panel.getByTestId('menu').click();
    await guest.panel.getByTestId('menu-transcript').click();
    const [download] = await Promise.all([guest.page.waitForEvent('download'), guest.panel.getByTestId('transcript-save').click()]);
    assert.deepEqual(missing(await readFile(await download.path(), 'utf8'), names), [], 'the transcript has every file by its name');
    const address = `${policy}@example.test`;
    await field(guest.panel, 'transcript-email').fill(address);
    await guest.panel.getByTestId('transcript-mail').click();
    await field(guest.panel, 'transcript-code').waitFor();
    const to = (/** @type {any} */ mail) => mail.to?.text === address;
    const [letter] = (await mailbox?.arrived((it) => to(it) && /\d{6}/.test(it.subject ?? ''))) ?? [];
    await field(guest.panel, 'transcript-code').fill(/\d{6}/.exec(letter.subject ?? '')?.[0] ?? '');
    await guest.panel.getByTestId('transcript-mail').click();
    const [mail] = (await mailbox?.arrived((it) => to(it) && (it.text ?? '').includes(`begin ${policy}`))) ?? [];
    const reader = await watched(bypassCSP);
    const page = await reader.context.newPage();
    await page.setContent(mail.html || '');
    assert.deepEqual(missing(await textOf(page), names), [], 'the mail has every file by its name');
    assert.deepEqual(await badLinks(page), []);

    await guest.panel.getByTestId('back').click();
    await api.put(`/api/v1/conversations/${id}/status`, { status: 'resolved' });
    await ask(ticket, 'rating.put', { conversation: id, score: 1, comment: further.join('\n').slice(0, 1000) });
    await shop.page.reload();
    await shop.page.getByText(further[0]).first().waitFor();
    assert.deepEqual(await badLinks(shop.page), []);
    assert.deepEqual([...mine.sprung, ...theirs.sprung, ...reader.sprung], []);
  });

  test(`a shop's own texts are text in launcher, panel and console, ${policy} the policy`, async () => {
    const { context, sprung } = await watched(bypassCSP);
    const places = /** @type {const} */ (['title', 'greeting', 'placeholder', 'prechat_intro', 'launcher']);
    for (let from = 0; from < further.length; from += places.length) {
      const [title, greeting, placeholder, prechat_intro, launcher] = places.map((_, index) => further[(from + index) % further.length].slice(0, 40));
      const chat = { texts: { en: { title, greeting, placeholder, prechat_intro } }, launcher: 'pill', launcher_label: { en: launcher } };
      await api.patch(`/api/v1/sites/${site.id}`, { name: title, settings: { ...chat, prechat: { enabled: true, name: 'required' } } });
      const guest = await (await scene.visitor(context)).goto();
      await guest.launcher.waitFor();
      // What was remembered of the last page is drawn first.
      await shows(() => guest.launcher.textContent(), [launcher]);
      await guest.launcher.click();
      await guest.panel.getByTestId('prechat-form').waitFor();
      await shows(async () => textOf(await guest.frame()), [title, prechat_intro]);
      await api.patch(`/api/v1/sites/${site.id}`, { settings: { prechat: { enabled: false } } });
      await guest.page.reload();
      await guest.open();
      const panel = await guest.frame();
      await shows(() => textOf(panel), [title, greeting]);
      assert.equal(squeezed((await guest.composer.getAttribute('placeholder')) ?? ''), squeezed(placeholder));
      assert.deepEqual(await badLinks(panel), []);
      await guest.page.close();
    }
    const shop = await scene.operator(context);
    await shop.page.goto(`${stalk.url}/console/sites/${site.id}`);
    await shop.page.waitForLoadState('networkidle');
    assert.deepEqual(await badLinks(shop.page), []);
    await api.patch(`/api/v1/sites/${site.id}`, {
      name: 'Moru', settings: { texts: { en: { title: '', greeting: '', placeholder: '', prechat_intro: '' } }, launcher: 'circle', launcher_label: { en: '' } },
    });
    assert.deepEqual(sprung, []);
  });
}
