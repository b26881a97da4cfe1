// The live connection's code comes after the page stands. What happens between the page's first answers and the connection's welcome
// is told to nobody, and must be on the screen all the same as soon as the connection is there.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { welcomed } from './fixtures/api.mjs';
import { GENEROUS, openScene } from './fixtures/scene.mjs';

const PROMISE = 1_000;
const LIMIT = 3 * PROMISE;

const { test, scene, api, operator, conversationOf, stalk } = await openScene({ env: GENEROUS, mail: true });
const oscar = await scene.hire({ name: 'Oscar', email: 'oscar@shop.example' });
const site = await api.site();
/** @type {{ id: string, name: string }[]} */
const { items: people } = await api.get('/api/v1/operators');
const oscarId = people.find((one) => one.name === 'Oscar')?.id ?? '';

/** A visitor who says something, without a browser. @param {string} text */
async function guest(text) {
  const visitor = await welcomed(stalk.widgetUrl, { v: 1, site: site.key, ticket: null, device: randomUUID(), language: 'en', visit: randomUUID(), page: null });
  /** @param {string} words */
  const say = (words) => visitor.request('message.post', { client_message_id: randomUUID(), conversation: null, text: words });
  await say(text);
  return { say, close: visitor.close };
}

/** A signed-in console whose pages meet `library` when they fetch the connection's code. @param {(route: import('playwright-core').Route) => Promise<void>} library */
async function consoleWith(library) {
  const context = await scene.profile({ serviceWorkers: 'block' });
  const { page } = await operator(context, oscar);
  await page.goto('about:blank');
  await page.route('**/console/assets/*.js', async (route) => {
    const answer = await route.fetch();
    // What the library asks the server with, and nothing else of the console's code.
    if ((await answer.text()).includes('EIO')) await library(route);
    else await route.fulfill({ response: answer });
  });
  return page;
}

/** A console whose connection comes when it is let. */
async function withLateConnection() {
  /** @type {() => void} */
  let arrived = () => undefined;
  /** @type {() => void} */
  let release = () => undefined;
  const asked = /** @type {Promise<void>} */ (new Promise((resolve) => (arrived = resolve)));
  const let_ = /** @type {Promise<void>} */ (new Promise((resolve) => (release = resolve)));
  const page = await consoleWith(async (route) => {
    arrived();
    await let_;
    await route.continue();
  });
  return { page, asked, release };
}

test('a role that changed before the connection was there shows as soon as it is', async (t) => {
  const { page, asked, release } = await withLateConnection();
  await page.goto(`${stalk.url}/console/people`);
  await page.getByTestId('person-row').filter({ hasText: 'Oscar' }).waitFor();
  await asked;
  assert.equal(await page.getByTestId('invite').count(), 0);
  await api.patch(`/api/v1/operators/${oscarId}`, { role: 'admin' });
  const began = Date.now();
  release();
  await page.getByTestId('invite').waitFor();
  const took = Date.now() - began;
  t.diagnostic(`on the screen ${took} ms after the connection's code came (promise: ${PROMISE} ms)`);
  assert.ok(took < LIMIT, `${took} ms`);
  // And from then on as it happens.
  await api.patch(`/api/v1/operators/${oscarId}`, { role: 'operator' });
  await page.getByTestId('invite').waitFor({ state: 'detached' });
  await page.context().close();
});

test('what visitors and colleagues did before the connection was there is on the screen as soon as it is', async (t) => {
  const first = await guest('Is the walnut board in stock?');
  const id = await conversationOf('Is the walnut board in stock?');
  const { page, asked, release } = await withLateConnection();
  await page.goto(`${stalk.url}/console/inbox/all/${id}`);
  await page.getByTestId('message').filter({ hasText: 'walnut board' }).waitFor();
  await asked;
  await first.say('The large one, please.');
  const second = await guest('Do you ship to Jeju?');
  const other = await conversationOf('Do you ship to Jeju?');
  await api.put(`/api/v1/conversations/${id}/assignee`, { operator_id: oscarId });
  const began = Date.now();
  release();
  await page.getByTestId('message').filter({ hasText: 'The large one' }).waitFor();
  await page.locator(`[data-testid="conversation-row"][data-conversation-id="${other}"]`).waitFor();
  await page.getByTestId('assignee').filter({ hasText: 'You' }).waitFor();
  const took = Date.now() - began;
  t.diagnostic(`all of it on the screen ${took} ms after the connection's code came (promise: ${PROMISE} ms)`);
  assert.ok(took < LIMIT, `${took} ms`);
  first.close();
  second.close();
  await page.context().close();
});

test('code that does not come is fetched again, and the page is told the truth meanwhile', async () => {
  let tries = 0;
  const page = await consoleWith((route) => {
    tries += 1;
    return tries === 1 ? route.abort() : route.continue();
  });
  await page.goto(`${stalk.url}/console/inbox/all`);
  await page.getByTestId('conversation-row').first().waitFor();
  const late = await guest('Are you open on Sunday?');
  await page.getByTestId('conversation-row').filter({ hasText: 'Are you open on Sunday?' }).waitFor();
  await page.getByTestId('connection-banner').waitFor({ state: 'detached' });
  assert.ok(tries >= 2);
  late.close();
  await page.context().close();
});
