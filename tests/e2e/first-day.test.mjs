// The first day of a shop, from sign-up to the colleague who answers from a phone, through screens and letters only.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { mark } from './fixtures/log.mjs';
import { Operator } from './fixtures/operator.mjs';
import { openScene } from './fixtures/scene.mjs';
import { ShopPage } from './fixtures/shop-page.mjs';
import { field, Visitor } from './fixtures/visitor.mjs';

const { test, profile, mailbox, stalk } = await openScene({ mail: true });
const page = await ShopPage.start();
after(() => page.stop());

const PASSWORD = 'a long enough password';
const OWNER = 'owner@maple.example';
const COLLEAGUE = 'colleague@maple.example';

/** The link of the newest letter to this address. @param {string} to @param {string} path @returns {Promise<string>} */
async function linkTo(to, path) {
  const [mail] = (await mailbox?.arrived((it) => JSON.stringify(it.to ?? '').includes(to) && (it.text ?? '').includes(path))) ?? [];
  const link = new RegExp(`https?://\\S*${path.replace('?', '\\?')}\\S+`).exec(mail.text ?? '')?.[0];
  assert.ok(link, `a link in ${mail.text}`);
  return link;
}

/** A signed-in page as an operator. @param {import('playwright-core').Page} browserPage */
const operatorOn = (browserPage) => new Operator(browserPage, stalk);

/** What the console's own page may fetch. @param {import('playwright-core').Page} from @param {string} path */
const read = (from, path) =>
  from.evaluate(async (address) => {
    const answer = await fetch(address);
    return answer.json();
  }, path);

/**
 * What the API says once it is so.
 * @template T @param {import('playwright-core').Page} from @param {string} path @param {(said: any) => T | false | null | undefined} find @returns {Promise<T>}
 */
async function until(from, path, find) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const said = await read(from, path);
    const found = find(said);
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${path} did not come to say it within 15 s: ${JSON.stringify(said).slice(0, 2_000)}`);
    await pause(50);
  }
}

const OPEN = '/api/v1/conversations?status=open&limit=50';

/** Who is known by the browser alone: a new visitor who writes one sentence over the fallback. @param {string} key @param {string} text */
async function writes(key, text) {
  const ask = async (/** @type {string} */ path, /** @type {object} */ body, /** @type {Record<string, string>} */ headers = {}) => {
    const answer = await fetch(stalk.widgetUrl + path, {
      method: 'POST', headers: { 'content-type': 'application/json', origin: page.url, ...headers }, body: JSON.stringify(body),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    return answer.json();
  };
  const device = randomUUID();
  const { ticket } = await ask('/widget/v1/hello', {
    v: 1, site: key, ticket: null, device, language: 'ko', visit: randomUUID(), page: { url: `${page.url}/`, title: 'Maple', referrer: '' },
  });
  const post = { m: 'message.post', p: { client_message_id: sortedId(), conversation: null, text } };
  return (await ask('/widget/v1/requests', post, { authorization: `Bearer ${ticket}`, 'x-stalk-site': key })).ok;
}

/** A UUIDv7. */
function sortedId() {
  const time = Date.now().toString(16).padStart(12, '0');
  const rest = randomUUID();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(15, 18)}-${rest.slice(19)}`;
}

test('a shop signs up, adds its site, invites a colleague, and ten visitors are answered by both', async () => {
  // Sign-up, the letter, the confirmation.
  const ownerContext = await profile();
  const owner = await ownerContext.newPage();
  await owner.goto(`${stalk.url}/sign-up`);
  for (const [name, value] of [['shop', 'Maple & Co'], ['name', 'Olive'], ['email', OWNER], ['password', PASSWORD]]) await owner.fill(`input[name=${name}]`, value);
  await owner.click('button[type=submit]');
  await owner.getByText(OWNER).first().waitFor();
  await owner.goto(await linkTo(OWNER, '/confirm?token='));
  await owner.click('button[type=submit]');
  await owner.waitForURL('**/console/**');

  // The first site, and its snippet in the shop's page.
  await owner.goto(`${stalk.url}/console/sites`);
  await field(owner, 'new-site-name').fill('Maple & Co');
  await field(owner, 'new-site-domains').fill(page.domain);
  await owner.getByTestId('new-site-create').click();
  const shown = owner.getByTestId('site-snippet');
  await shown.waitFor();
  page.snippet = (await shown.textContent()) ?? '';
  assert.match(page.snippet, /<script async src="[^"]+\/w\.js" data-site="[^"]+"><\/script>/);
  const key = /data-site="([^"]+)"/.exec(page.snippet)?.[1] ?? '';

  // The colleague comes by letter.
  await owner.goto(`${stalk.url}/console/people`);
  await owner.getByTestId('invite').first().click();
  await field(owner, 'invite-email').fill(COLLEAGUE);
  await field(owner, 'invite-email').press('Enter');
  await owner.getByTestId('invite-send').click();
  await owner.getByTestId('invitation-row').filter({ hasText: COLLEAGUE }).waitFor();
  const phone = await profile({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const colleague = await phone.newPage();
  await colleague.goto(await linkTo(COLLEAGUE, '/invitation?token='));
  await colleague.fill('input[name=name]', 'Colin');
  await colleague.fill('input[name=password]', PASSWORD);
  await colleague.click('button[type=submit]');
  await colleague.waitForURL('**/console/**');

  // Both are there, and ten visitors come: five each.
  await owner.goto(`${stalk.url}/console/inbox/all`);
  await colleague.goto(`${stalk.url}/console/inbox/mine`);
  await until(owner, '/api/v1/operators', ({ items }) => items.length === 2 && items.every((/** @type {any} */ it) => it.present && it.availability === 'online'));
  for (let number = 1; number <= 10; number += 1) await writes(key, `${mark('d', number)} 단풍나무 도마 ${number}번은 언제 배송되나요?`);
  const { items } = await until(owner, OPEN, (said) => said.items.length === 10 && said.items.every((/** @type {any} */ it) => it.assignee) && said);
  const { operator: me } = await read(owner, '/api/v1/me');
  const mine = items.filter((/** @type {any} */ it) => it.assignee.id === me.id);
  assert.equal(mine.length, 5, 'the visitors are spread evenly');

  // One is handed over with a word about it.
  const desk = operatorOn(owner);
  const given = mine[0].id;
  await desk.open(given);
  await owner.getByTestId('assignee').click();
  await owner.getByTestId('assignee-option').filter({ hasText: 'Colin' }).click();
  await field(owner, 'transfer-note').fill(`${mark('n', 1)} 단골이에요`);
  await owner.getByTestId('transfer').click();
  await owner.getByTestId('note').filter({ hasText: mark('n', 1) }).waitFor();
  await until(owner, `/api/v1/conversations/${given}`, (said) => said.assignee?.name === 'Colin');

  // Put away for a while, taken back, resolved, taken up again.
  const kept = mine[1].id;
  await desk.open(kept);
  await owner.getByTestId('snooze').click();
  await owner.getByTestId('snooze-menu').getByRole('menuitem').first().click();
  await owner.getByTestId('inbox-tab-snoozed').click();
  await desk.row(kept).click();
  await owner.getByTestId('reopen').click();
  await owner.getByTestId('resolve').click();
  await owner.getByTestId('reopen').click();
  await owner.getByTestId('resolve').waitFor();

  // The sentence is found by a part of a word.
  await field(owner, 'search').fill('무 도마 7번');
  const hit = owner.getByTestId('search-hit').first();
  await hit.waitFor();
  assert.match((await owner.getByTestId('search-results').textContent()) ?? '', /단풍나무 도마 7번/);
  assert.equal(await owner.getByTestId('search-results').locator('mark').first().textContent(), '무 도마 7번');

  // The colleague answers a visitor who is really there, from a phone.
  const guest = await new Visitor(await (await profile()).newPage(), page.url).goto();
  await guest.open();
  await guest.say(`${mark('v', 1)} 지금 주문하면 내일 와요?`);
  const { id, assignee } = await until(owner, OPEN, (said) => said.items.find((/** @type {any} */ it) => it.assignee && it.last_message?.text.includes(mark('v', 1))));
  const answering = operatorOn(assignee.id === me.id ? owner : colleague);
  if (answering.page === owner) {
    // It was the owner's turn: the colleague takes it over.
    await colleague.goto(`${stalk.url}/console/inbox/all/${id}`);
    await operatorOn(colleague).composer.waitFor();
  } else {
    await operatorOn(colleague).row(id).click();
  }
  await operatorOn(colleague).say(`${mark('c', 1)} 네, 내일 도착해요`);
  await guest.sees(mark('c', 1));
  assert.equal(await colleague.evaluate(() => document.documentElement.scrollWidth), 390, 'nothing sticks out of the phone');
});
