// A shop's developer: makes a key and asks with it, adds a webhook, tries it, and reads in the log what was sent.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { openScene } from './fixtures/scene.mjs';

const { test, scene, api, operator, visitor, stalk } = await openScene({ env: { STALK_WEBHOOK_NETWORKS: '127.0.0.0/8' } });

/** A program that answers what it is told. @param {number[]} statuses the last one for ever */
const program = async (statuses) => {
  /** @type {{ headers: import('node:http').IncomingHttpHeaders, body: string }[]} */
  const told = [];
  /** @type {(() => void)[]} */
  const waiting = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      response.writeHead(statuses[Math.min(told.length, statuses.length - 1)] ?? 200).end();
      told.push({ headers: request.headers, body });
      for (const wake of waiting.splice(0)) wake();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const until = async (/** @type {(one: { body: string }) => boolean} */ wanted) => {
    for (;;) {
      const found = told.find(wanted);
      if (found) return found;
      await new Promise((resolve) => { waiting.push(() => resolve(undefined)); });
    }
  };
  return { url: `http://127.0.0.1:${port}/hook`, until, stop: () => { server.closeAllConnections(); server.close(); } };
};

test('a key is shown once, asks for what was ticked, and is refused after it is deleted', async () => {
  const { page } = await operator();
  await page.goto(`${stalk.url}/console/developers`);
  await page.getByTestId('key-add').click();
  await page.getByTestId('key-name').fill('Order system');
  await page.getByTestId('scope-visitors').locator('label').nth(1).click();
  await page.getByTestId('key-create').click();
  const key = (await page.getByTestId('key-secret').innerText()).trim();
  assert.match(key, /^stalk_[a-z2-9]{40}$/);
  await page.getByTestId('key-secret-done').click();
  await page.getByTestId('key-row').filter({ hasText: 'Order system' }).waitFor();
  assert.ok(!(await page.content()).includes(key), 'the secret is not on the page any more');

  const ask = (/** @type {string} */ path) => fetch(`${stalk.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await ask('conversations')).status, 200);
  const refused = await ask('sites');
  assert.equal(refused.status, 403);
  assert.match((await refused.json()).message, /settings:read/);

  await page.getByTestId('key-delete').click();
  await page.reload();
  await page.getByTestId('key-add').waitFor();
  assert.equal((await ask('conversations')).status, 401);
});

test('a webhook is told, tried again, and its log says what was sent', async () => {
  const shop = await program([500, 200]);
  const { page } = await operator();
  await page.goto(`${stalk.url}/console/developers`);
  await page.getByTestId('hook-add').click();
  await page.getByTestId('hook-name').fill('Orders');
  await page.getByTestId('hook-url').fill('http://10.0.0.1/');
  await page.getByTestId('hook-save').click();
  await page.getByText('inside a private network').waitFor();
  await page.getByTestId('hook-url').fill(shop.url);
  await page.getByTestId('hook-save').click();
  const row = page.getByTestId('hook-row').filter({ hasText: 'Orders' });
  await row.waitFor();

  await row.getByTestId('hook-test').click();
  await shop.until(({ body }) => body.includes('"ping"'));
  await row.getByTestId('delivery').filter({ hasText: 'HTTP 500' }).waitFor();
  await row.getByTestId('delivery-replay').click();
  await row.getByTestId('delivery').filter({ hasText: 'HTTP 200' }).waitFor();

  const hook = (await api.get('/api/v1/webhooks')).items[0];
  const asking = await visitor();
  await asking.goto();
  await asking.open();
  await asking.say('Do you ship to Jeju?');
  const told = await shop.until(({ body }) => body.includes('Do you ship to Jeju?'));
  assert.equal(JSON.parse(told.body).data.conversation.id, await scene.conversationOf('Do you ship to Jeju?'));
  const signed = `${told.headers['webhook-id']}.${told.headers['webhook-timestamp']}.${told.body}`;
  const mac = createHmac('sha256', Buffer.from(hook.secret.replace('whsec_', ''), 'base64')).update(signed).digest('base64');
  assert.equal(told.headers['webhook-signature'], `v1,${mac}`);
  await row.getByTestId('delivery').filter({ hasText: 'message.posted' }).waitFor();
  shop.stop();
});

test('an app is made, shows how its tokens are signed, and is opened on purpose', async () => {
  const { page } = await operator();
  await page.goto(`${stalk.url}/console/developers`);
  await page.getByTestId('app-add').click();
  await page.getByTestId('app-name').fill('Live draw');
  await page.getByTestId('app-save').click();
  const key = (await page.getByTestId('app-key').innerText()).trim();
  assert.match(key, /^[a-z2-9]{16}$/);
  const secret = (await page.getByTestId('app-secret').innerText()).trim();
  assert.ok((await page.getByTestId('app-sign').innerText()).includes(`aud: "${key}"`));

  await page.getByTestId('app-rotate').click();
  await page.getByTestId('app-rotate-confirm').click();
  await page.getByTestId('app-secret').filter({ hasNotText: secret }).waitFor();

  await page.getByTestId('app-open').check();
  await page.getByTestId('app-save').click();
  await page.getByTestId('app-row').filter({ hasText: 'Open to everybody' }).waitFor();
  assert.deepEqual((await api.get('/api/v1/apps')).items.map((/** @type {any} */ app) => [app.key, app.mode]), [[key, 'open']]);

  await page.getByTestId('app-delete').click();
  await page.reload();
  await page.getByTestId('app-add').waitFor();
  assert.deepEqual((await api.get('/api/v1/apps')).items, []);
});
