// The widget's origin and the console share a host name, and nothing else: no script there reads or changes anything here.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after } from 'node:test';
import { freePorts } from './fixtures/ports.mjs';
import { openScene } from './fixtures/scene.mjs';

const { test, scene, api, stalk } = await openScene();
const site = await api.site();

/** What must not have changed. */
const state = async () => {
  const me = await api.get("/api/v1/me");
  // Whether a console is open is not a change that somebody made.
  delete me.operator.present;
  return { me, sites: (await api.get("/api/v1/sites")).items.map((/** @type {any} */ it) => [it.id, it.name]) };
};

for (const bypassCSP of [false, true]) {
  const policy = bypassCSP ? 'without' : 'with';

  test(`a script on the widget's origin can neither read nor change what a signed-in operator can, ${policy} the policy`, async () => {
    const context = await scene.profile({ bypassCSP });
    await scene.operator(context);
    const before = await state();
    const page = await context.newPage();
    await page.goto(`${stalk.widgetUrl}/panel?site=${site.key}`);
    const attempts = await page.evaluate(async ({ url, id }) => {
      /** @type {Record<string, string>} */
      const outcome = {};
      const attempt = async (/** @type {string} */ name, /** @type {string} */ path, /** @type {RequestInit} */ init) => {
        try {
          const answer = await fetch(url + path, { credentials: 'include', ...init });
          outcome[name] = answer.type === 'opaque' ? 'opaque' : `read ${answer.status} ${(await answer.text()).slice(0, 100)}`;
        } catch {
          outcome[name] = 'failed';
        }
      };
      const json = { 'content-type': 'application/json' };
      const plain = { 'content-type': 'text/plain' };
      await attempt('read me', '/api/v1/me', {});
      await attempt('read conversations', '/api/v1/conversations', {});
      await attempt('change me', '/api/v1/me', { method: 'PATCH', headers: json, body: '{"name":"Mallory","availability":"away"}' });
      await attempt('add a site', '/api/v1/sites', { method: 'POST', mode: 'no-cors', headers: plain, body: '{"name":"Mallory","domains":["mallory.test"],"language":"en"}' });
      await attempt('rename the site', `/api/v1/sites/${id}`, { method: 'PATCH', headers: json, body: '{"name":"Mallory"}' });
      await attempt('take a token', '/api/v1/me/socket-tokens', { method: 'POST', headers: json, body: '{}' });
      await attempt('take a token quietly', '/api/v1/me/socket-tokens', { method: 'POST', mode: 'no-cors', headers: plain, body: '{}' });
      await attempt('sign out', '/api/v1/me/login-session', { method: 'DELETE' });
      await attempt('poll a socket', '/socket.io/?EIO=4&transport=polling', {});
      return outcome;
    }, { url: stalk.url, id: site.id });
    for (const [name, outcome] of Object.entries(attempts)) assert.match(outcome, /^(failed|opaque)$/, name);

    const form = await context.newPage();
    await form.goto(`${stalk.widgetUrl}/panel?site=${site.key}`);
    await form.evaluate((url) => {
      const it = document.createElement('form');
      Object.assign(it, { method: 'post', action: `${url}/api/v1/sites`, enctype: 'text/plain', target: '_blank' });
      const input = document.createElement('input');
      Object.assign(input, { name: '{"name":"Mallory","domains":["mallory.test"],"language":"en","x":"', value: '"}' });
      it.append(input);
      document.body.append(it);
      it.submit();
    }, stalk.url);
    await form.waitForLoadState();
    assert.deepEqual(await state(), before);
    await context.close();
  });
}

test('the console and the sign-in page refuse to be framed', async () => {
  const [port] = await freePorts(1);
  const server = http.createServer((request, answer) => {
    const target = new URL(request.url ?? '/', 'http://x').searchParams.get('frame');
    answer.setHeader('content-type', 'text/html').end(`<!doctype html><iframe src="${target}"></iframe>`);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)));
  after(() => server.close());
  const context = await scene.profile();
  await scene.operator(context);
  for (const path of ['/console/', '/sign-in', '/api/v1/me']) {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${port}/?frame=${encodeURIComponent(stalk.url + path)}`);
    const frame = page.frames()[1];
    await frame.waitForLoadState();
    assert.match(frame.url(), /^chrome-error:/, path);
    await page.close();
  }
});

test('the panel can be framed by the site\'s domains only', async () => {
  const [port] = await freePorts(1);
  const server = http.createServer((_request, answer) => {
    answer.setHeader('content-type', 'text/html').end(`<!doctype html><iframe src="${stalk.widgetUrl}/panel?site=${site.key}"></iframe>`);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)));
  after(() => server.close());
  const page = await (await scene.profile()).newPage();
  await page.goto(`http://127.0.0.1:${port}/`);
  const frame = page.frames()[1];
  await frame.waitForLoadState();
  assert.match(frame.url(), /^chrome-error:/);
});
