// The client against a real server, which STALK_BIN names.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Stalk } from '../../../tests/e2e/fixtures/server.mjs';
import { all, stalk, StalkError } from '../dist/index.js';

const server = await Stalk.start();
after(() => server.stop());
const owner = await server.api();
const { secret } = await owner.post('/api/v1/api-keys', { name: 'SDK', scopes: ['settings:write'] });
const api = stalk({ baseUrl: `${server.url}/`, apiKey: secret });

test('a call answers what its type says, and a list goes on to its end', async () => {
  for (const name of ['One', 'Two', 'Three']) await api.POST('/api/v1/tags', { body: { name } });
  const names = [];
  for await (const tag of all(() => api.GET('/api/v1/tags'))) names.push(tag.name);
  for (const name of ['One', 'Two', 'Three']) assert.ok(names.includes(name), names.join());
});

test('a refusal is thrown with its code, and by field', async () => {
  await assert.rejects(api.GET('/api/v1/conversations'), (error) => error instanceof StalkError && error.status === 403 && error.code === 'forbidden');
  await assert.rejects(api.POST('/api/v1/tags', { body: { name: '' } }), (error) => error instanceof StalkError && 'name' in error.fields);
  await assert.rejects(api.POST('/api/v1/tags', { body: { name: 'one' } }), (error) => error instanceof StalkError && error.code === 'conflict');
});

test('an answer that asks to wait is waited for, with the same key', async () => {
  const keys = [];
  let tries = 0;
  const busy = stalk({
    baseUrl: server.url, apiKey: secret,
    fetch: (request) => {
      keys.push(request.headers.get('idempotency-key'));
      tries += 1;
      return tries < 3 ? Promise.resolve(Response.json({ code: 'rate_limited', message: 'wait', retry_after_ms: 1 }, { status: 429 })) : fetch(request);
    },
  });
  await busy.POST('/api/v1/tags', { body: { name: 'Four' } });
  assert.equal(tries, 3);
  assert.equal(new Set(keys).size, 1);
});
