// Three generations of Socket.IO clients, as published, over polling, WebSocket, and the one after the other.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { ADMIN_TOKEN, Heard, Server, soon } from './server.mjs';

const require = createRequire(import.meta.url);
const clients = { '1.7.4': require('socket.io-client-1'), '2.5.0': require('socket.io-client-2'), '4.8.1': require('socket.io-client-4').io };
const transports = { polling: ['polling'], websocket: ['websocket'], 'polling, then websocket': ['polling', 'websocket'] };

let server;
before(async () => (server = await Server.start()));
after(() => server.stop());

function query(fields) {
  return new URLSearchParams(fields).toString();
}

/** As the libraries of XPUSH do: the fields are the query of the address, which Socket.IO also puts into the namespace. */
function open(io, fields, options = {}, namespace = 'channel') {
  const socket = io(`${server.url}/${namespace}?${query(fields)}`, { query: query(fields), forceNew: true, reconnection: false, ...options });
  // Engine.IO 4 wants an object.
  if (io === clients['4.8.1']) {
    socket.close();
    const newer = io(`${server.url}/${namespace}`, { query: fields, forceNew: true, reconnection: false, ...options });
    return { socket: newer, heard: new Heard(newer, '_event', 'message', 'private', 'connect', 'connect_error', 'disconnect') };
  }
  return { socket, heard: new Heard(socket, '_event', 'message', 'private', 'connect', 'error', 'disconnect') };
}

function ack(socket, event, ...args) {
  return soon(`the answer to ${event}`, new Promise((resolve) => socket.emit(event, ...args, resolve)));
}

const is = (event) => (facts) => facts.event === event;

for (const [version, io] of Object.entries(clients)) {
  for (const [name, ways] of Object.entries(transports)) {
    test(`socket.io-client ${version}, ${name}: comes, speaks, is heard, goes`, async () => {
      const C = `room ${version} ${name}, 방`;
      const one = open(io, { A: 'demo', C, U: 'alice', D: 'WEB', S: '10' }, { transports: ways });
      const [first] = await one.heard.next('_event', is('CONNECTION'));
      assert.equal(first.count, 1);
      assert.deepEqual({ A: first.A, C: first.C, U: first.U, D: first.D }, { A: 'demo', C, U: 'alice', D: 'WEB' });
      assert.match(first.id, /^\/channel#.+/);
      // Libraries before 2.0 leave the namespace out.
      assert.equal(first.id, `/channel#${one.socket.id.replace('/channel#', '')}`, 'the library and the server know the connection by the same name');

      const two = open(io, { A: 'demo', C, U: 'bob', D: 'WEB' }, { transports: ways });
      const [second] = await one.heard.next('_event', is('CONNECTION'));
      assert.deepEqual([second.count, second.U], [2, 'bob']);
      await two.heard.next('_event', is('CONNECTION'));

      const answer = await ack(one.socket, 'send', { NM: 'message', DT: { text: '안녕 <b>' } });
      assert.equal(answer.status, 'ok');
      const [heard] = await two.heard.next('message');
      const [own] = await one.heard.next('message');
      assert.deepEqual(heard, { text: '안녕 <b>', C, TS: heard.TS });
      assert.deepEqual(own, heard, 'everybody gets the same time');
      assert.deepEqual(answer.params, { NM: 'message', DT: heard });
      assert.ok(Math.abs(heard.TS - Date.now()) < 120_000);

      await ack(two.socket, 'send', JSON.stringify({ NM: 'private', DT: { only: 'you' }, SS: first.id, S: 'whatever' }));
      const [whispered] = await one.heard.next('private');
      assert.deepEqual(whispered, { only: 'you', TS: whispered.TS });
      assert.deepEqual(two.heard.rest.filter(({ name }) => name === 'private'), []);

      two.socket.emit('send', { NM: 'message', DT: 'as text' });
      const [text, facts] = await one.heard.next('message', (data) => typeof data === 'string');
      assert.equal(text, 'as text');
      assert.equal(facts.C, C);

      two.socket.disconnect();
      const [gone] = await one.heard.next('_event', is('DISCONNECT'));
      assert.deepEqual(gone, { event: 'DISCONNECT', count: 1, A: 'demo', C, U: 'bob' });
      one.socket.disconnect();
    });
  }

  test(`socket.io-client ${version}: what is wrong is said, and nobody is hurt`, async () => {
    const one = open(io, { A: 'demo', C: `wrong ${version}`, U: 'alice' }, { transports: ['websocket'] });
    await one.heard.next('_event', is('CONNECTION'));
    const detail = async (params) => (await ack(one.socket, 'send', params)).message.detail;
    assert.equal(await detail({}), '[NM] must be supplied');
    assert.equal(await detail({ NM: 'message' }), '[DT] must be supplied');
    assert.equal(await detail({ NM: 'connect', DT: {} }), '[NM] is reserved');
    assert.equal(await detail({ NM: '_event', DT: { event: 'CONNECTION' } }), '[NM] is reserved');
    // What ended the first XPUSH's whole process.
    assert.equal((await ack(one.socket, 'send', { NM: 'm', DT: { a: 1 }, S: '10', SS: 'nobody' })).status, 'ok');
    assert.equal((await ack(one.socket, 'send', { NM: 'm', DT: { a: 1 } })).status, 'ok');
    one.socket.disconnect();

    const error = version === '4.8.1' ? 'connect_error' : 'error';
    const said = ([why]) => why?.message ?? why;
    const without = open(io, { A: 'demo' }, { transports: ['websocket'] });
    assert.equal(said(await without.heard.next(error)), '[C] must be supplied');
    without.socket.disconnect();
    const unknown = open(io, { A: 'nosuch', C: 'a' }, { transports: ['websocket'] });
    assert.equal(said(await unknown.heard.next(error)), 'there is no such app');
    unknown.socket.disconnect();
    const nowhere = open(io, { A: 'demo', C: 'a' }, { transports: ['websocket'] }, 'nosuch');
    assert.equal(said(await nowhere.heard.next(error)), 'Invalid namespace');
    nowhere.socket.disconnect();
  });

  test(`socket.io-client ${version}: /admin answers who has the token`, async () => {
    const stranger = open(io, { token: 'a guess' }, { transports: ['websocket'] }, 'admin');
    await stranger.heard.next(version === '4.8.1' ? 'connect_error' : 'error');
    stranger.socket.disconnect();
    const monitor = open(io, { token: ADMIN_TOKEN }, { transports: ['websocket'] }, 'admin');
    await monitor.heard.next('connect');
    const info = await ack(monitor.socket, 'info');
    assert.deepEqual(Object.keys(info).sort(), ['arch', 'pid', 'platform', 'server']);
    assert.equal(info.server.host, server.host);
    assert.equal(info.server.port, 8000);
    const usage = await ack(monitor.socket, 'usage');
    assert.ok(usage.memory.rss > 1_000_000 && usage.uptime > 0 && usage.cpu >= 0);
    assert.deepEqual(Object.keys(usage.client).sort(), ['bigchannel', 'channel', 'socket']);
    monitor.socket.disconnect();
  });
}

test('generations meet in one channel, and see one another come and go', async () => {
  const all = [];
  for (const [version, io] of Object.entries(clients)) {
    const one = open(io, { A: 'demo', C: 'all', U: version }, {});
    await one.heard.next('_event', is('CONNECTION'));
    all.push(one);
  }
  const [last] = await all[0].heard.next('_event', (facts) => facts.count === 3);
  assert.equal(last.U, '4.8.1');
  await ack(all[2].socket, 'send', { NM: 'message', DT: { n: 1 } });
  for (const { heard } of all) assert.equal((await heard.next('message'))[0].n, 1);
  for (const { socket } of all) socket.disconnect();
});

test('a client that sends without end is slowed and then cut, and the others are served', async () => {
  const quiet = open(clients['2.5.0'], { A: 'demo', C: 'flood', U: 'quiet' }, { transports: ['websocket'] });
  await quiet.heard.next('_event', is('CONNECTION'));
  const loud = open(clients['2.5.0'], { A: 'demo', C: 'flood', U: 'loud' }, { transports: ['websocket'] });
  await quiet.heard.next('_event', (facts) => facts.U === 'loud');
  const cut = loud.heard.next('disconnect');
  for (let n = 0; n < 5_000; n += 1) loud.socket.emit('send', { NM: 'message', DT: { n } });
  await cut;
  await quiet.heard.next('_event', (facts) => facts.event === 'DISCONNECT' && facts.U === 'loud');
  const received = quiet.heard.rest.filter(({ name }) => name === 'message').length;
  assert.ok(received < 2_000, `${received} of 5,000 came through`);
  assert.equal((await ack(quiet.socket, 'send', { NM: 'message', DT: { still: 'here' } })).status, 'ok');
  quiet.socket.disconnect();
});

test('binary attachments are not taken', async () => {
  const one = open(clients['2.5.0'], { A: 'demo', C: 'bytes', U: 'alice' }, { transports: ['websocket'] });
  await one.heard.next('_event', is('CONNECTION'));
  one.socket.emit('send', { NM: 'message', DT: Buffer.from('bytes') });
  await one.heard.next('disconnect');
});
