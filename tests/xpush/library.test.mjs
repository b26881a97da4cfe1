// XPUSH's own client library, npm xpush-client 0.0.5, unmodified, and the session service that it asks first.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { Server, soon } from './server.mjs';

const require = createRequire(import.meta.url);

let server;
before(async () => (server = await Server.start()));
after(() => server.stop());

/** The library is made for pages: it keeps its sockets until the process ends. */
const open = [];
after(() => open.forEach((channel) => channel._socket?.disconnect()));

async function simpleChannel(name, user) {
  const XPush = require('xpush-client');
  const events = [];
  const xpush = new XPush(`http://${server.host}`, 'demo', (type, data) => events.push({ type, data }), false);
  const messages = [];
  const waiting = [];
  xpush.on('message', (channel, event, data) => {
    messages.push({ channel, event, data });
    waiting.splice(0).forEach((wake) => wake());
  });
  const channel = await soon(
    'the channel',
    new Promise((resolve, reject) => {
      const made = xpush.createSimpleChannel(name, user, (error) => (error ? reject(new Error(error)) : resolve(made)));
    }),
  );
  open.push(channel);
  const message = async (is) => {
    for (;;) {
      const found = messages.find(is);
      if (found) return found;
      await soon('a message', new Promise((resolve) => waiting.push(resolve)));
    }
  };
  return { xpush, message };
}

test('xpush-client 0.0.5 finds its node, connects and exchanges messages', async () => {
  const alice = await simpleChannel('channel01', { U: 'alice', D: 'WEB' });
  const bob = await simpleChannel('channel01', { U: 'bob', D: 'WEB' });
  alice.xpush.send('channel01', 'message', { text: 'Hello world' });
  for (const one of [alice, bob]) {
    const { data } = await one.message(({ data }) => data.text === 'Hello world');
    assert.equal(data.C, 'channel01');
    assert.equal(typeof data.TS, 'number');
  }
  bob.xpush.send('channel01', 'message', { text: 'and back' });
  await alice.message(({ data }) => data.text === 'and back');
});

test('the session service answers JSON for any page, and JSONP', async () => {
  const page = { headers: { origin: 'https://page.example' } };
  const answer = await fetch(`${server.url}/node/demo/ch1`, page);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('access-control-allow-origin'), 'https://page.example');
  const { status, result } = await answer.json();
  assert.equal(status, 'ok');
  assert.equal(result.channel, 'ch1');
  assert.deepEqual({ ...result.server, name: '' }, { channel: 'ch1', name: '', url: server.url });
  assert.ok(result.seq.length > 0 && result.server.name.length > 0);

  const jsonp = await fetch(`${server.url}/node/demo/ch1?1=1&callback=STALK._callbackInit&_noCacheIE=7`);
  assert.match(jsonp.headers.get('content-type'), /^application\/javascript/);
  const script = await jsonp.text();
  assert.match(script, /^typeof STALK\._callbackInit === 'function' && STALK\._callbackInit\(\{.*\}\);$/);
  const called = [];
  new Function('STALK', script)({ _callbackInit: (data) => called.push(data) });
  assert.equal(called[0].result.server.url, server.url);

  assert.equal((await server.json('/node/demo/ch1?callback=alert(1)//')).status, 'ERR-PARAM');
  assert.equal((await server.json('/node/nosuch/ch1')).status, 'ERR-NOTEXIST');
  assert.equal((await server.json(`/node/demo/${'x'.repeat(300)}`)).status, 'ERR-PARAM');
  assert.deepEqual(await server.json('/status/ping'), { status: 'ok', result: { message: 'pong' } });
  const preflight = await fetch(`${server.url}/node/demo/ch1`, { method: 'OPTIONS', ...page });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get('access-control-allow-origin'), 'https://page.example');
});

test('a server that stops lets its clients come back by themselves', async () => {
  const other = await Server.start();
  const io = require('socket.io-client-2');
  const socket = io(`${other.url}/channel?A=demo&C=stay&U=alice`, { transports: ['websocket'], reconnectionDelay: 60_000 });
  const connected = new Promise((resolve) => socket.on('connect', resolve));
  await soon('the connection', connected);
  const lost = new Promise((resolve) => socket.on('disconnect', resolve));
  await other.stop();
  // Not "io server disconnect", after which a library does not try again.
  assert.equal(await soon('the end', lost), 'transport close');
  socket.close();
});
