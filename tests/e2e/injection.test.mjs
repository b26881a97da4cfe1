// What a person typed is text wherever it is shown: panel, console, mail; with the Content-Security-Policy and without it.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { GENEROUS, openScene } from './fixtures/scene.mjs';
import { badLinks, setTrap } from './fixtures/trap.mjs';
import { payloads } from './payloads.mjs';

const { test, scene, api, stalk, mailbox } = await openScene({ env: GENEROUS, mail: true });
const site = await api.site();
await api.patch(`/api/v1/sites/${site.id}`, { offline_email: 'shop@example.test' });

/** White space is shown as the page pleases. @param {string} text */
const squeezed = (text) => text.replace(/\s+/g, '');

/** A visitor without a browser, over the HTTP fallback. @param {{ url: string, title: string, referrer: string } | null} page */
async function bareVisitor(page) {
  const hello = { v: 1, site: site.key, ticket: null, device: randomUUID(), language: 'en', visit: randomUUID(), page };
  const call = async (/** @type {string} */ path, /** @type {object} */ body, headers = {}) => {
    const answer = await fetch(stalk.widgetUrl + path, {
      method: 'POST',
      headers: { origin: stalk.shopUrl, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const welcome = await call('/widget/v1/hello', hello);
  if (welcome.status !== 200) return null;
  const headers = { authorization: `Bearer ${welcome.body.ticket}`, 'x-stalk-site': site.key };
  return {
    /** @param {string} m @param {object} p */
    request: (m, p) => call('/widget/v1/requests', { m, p }, headers),
  };
}

/** @param {string} payload */
const visitedPage = (payload) => ({
  url: `${stalk.shopUrl}/?q=${payload.replace(/\s/g, '%20')}#${payload.replace(/\s/g, '%20')}`,
  title: payload,
  referrer: `https://example.test/?from=${payload.replace(/\s/g, '%20')}`,
});

/** Pages, mails and names full of payloads; made once, looked at with and without the policy. @type {string[]} */
const conversations = [];

test('the server takes payloads as page, title, referrer, name and text', async () => {
  for (const [index, payload] of payloads.entries()) {
    // A server may refuse an address it cannot read; the same payload then stands in the title only.
    const guest = (await bareVisitor(visitedPage(payload))) ?? (await bareVisitor({ ...visitedPage(''), title: payload }));
    assert.ok(guest, `payload ${index + 1} was refused as a page title: ${payload}`);
    const said = await guest.request('message.post', { client_message_id: randomUUID(), conversation: null, text: payload });
    assert.equal(said.status, 200, JSON.stringify(said.body));
    conversations.push(said.body.ok.conversation.id);
    const left = await guest.request('offline.post', {
      client_message_id: randomUUID(), name: payload.slice(0, 100), email: `visitor${index}@example.test`, text: payload, page: visitedPage(payload),
    });
    if (left.status !== 200) {
      const plain = { client_message_id: randomUUID(), name: payload.slice(0, 60), email: `visitor${index}@example.test`, text: payload };
      const again = await guest.request('offline.post', plain);
      assert.equal(again.status, 200, `${payload}: ${JSON.stringify(left.body)} ${JSON.stringify(again.body)}`);
    }
  }
  const bad = await bareVisitor({ url: 'javascript:__xss(0)', title: 'x', referrer: 'javascript:__xss(0)' });
  const said = await bad?.request('message.post', { client_message_id: randomUUID(), conversation: null, text: 'a javascript: address' });
  if (said) conversations.push(said.body.ok.conversation.id);
});

for (const bypassCSP of [false, true]) {
  const policy = bypassCSP ? 'without' : 'with';

  test(`payloads are shown as text and none runs in panel and console, ${policy} the policy`, async () => {
    const [guestProfile, shopProfile] = await Promise.all([scene.profile({ bypassCSP }), scene.profile({ bypassCSP })]);
    const sprung = await Promise.all([setTrap(guestProfile), setTrap(shopProfile)]);
    const shop = await scene.operator(shopProfile);
    const guest = await (await scene.visitor(guestProfile)).goto(`/?q=<img src=x onerror=__xss(900)>#<img src=x onerror=__xss(901)>`);
    await guest.page.evaluate(() => (document.title = '<img src=x onerror=__xss(902)>'));
    await guest.open();
    await guest.say(`begin ${policy}`);
    const id = await scene.conversationOf(`begin ${policy}`);
    await shop.open(id);

    for (const [index, payload] of payloads.entries()) {
      await guest.say(`[v-${index}] ${payload}`);
      await shop.say(`[o-${index}] ${payload}`);
    }
    const last = payloads.length - 1;
    await Promise.all([guest.sees(`[o-${last}]`), guest.sees(`[v-${last}]`), shop.sees(`[v-${last}]`), shop.sees(`[o-${last}]`)]);
    const panel = await guest.frame();
    for (const [name, screen] of /** @type {const} */ ([['panel', panel], ['console', shop.page]])) {
      const text = squeezed(await screen.evaluate(() => document.body.textContent ?? ''));
      const missing = payloads.filter((payload) => !text.includes(squeezed(payload)));
      assert.deepEqual(missing, [], `${name}: not shown as they were written`);
      assert.deepEqual(await badLinks(screen), [], name);
    }
    assert.deepEqual(sprung.flat(), []);
  });

  test(`payloads as page, title, referrer and name do nothing in the console, ${policy} the policy`, async () => {
    const context = await scene.profile({ bypassCSP });
    const sprung = await setTrap(context);
    const shop = await scene.operator(context);
    await shop.tab('all').click();
    for (const id of conversations) {
      await shop.page.goto(`${stalk.url}/console/inbox/all/${id}`);
      await shop.page.getByTestId('message').first().waitFor();
      await shop.page.getByTestId('visitor-panel').waitFor();
      assert.deepEqual(await badLinks(shop.page), []);
    }
    await shop.page.goto(`${stalk.url}/console/offline`);
    await shop.page.getByTestId('offline-row').first().waitFor();
    const rows = shop.page.getByTestId('offline-row');
    for (let index = 0; index < Math.min(await rows.count(), 5); index++) await rows.nth(index).click();
    assert.deepEqual(await badLinks(shop.page), []);
    assert.deepEqual(sprung, []);
  });
}

test('payloads do nothing in the mails, and cannot add a header', async () => {
  const mails = (await mailbox?.arrived(() => true, { count: payloads.length, timeout: 60_000 })) ?? [];
  const context = await scene.profile();
  const sprung = await setTrap(context);
  const page = await context.newPage();
  for (const mail of mails) {
    const recipients = [mail.to, mail.cc, mail.bcc].flat().map((it) => it?.text).filter(Boolean);
    assert.deepEqual(recipients, ['shop@example.test']);
    if (!mail.html) continue;
    await page.setContent(mail.html);
    assert.deepEqual(await badLinks(page), [], mail.subject);
  }
  assert.deepEqual(sprung, []);
});
