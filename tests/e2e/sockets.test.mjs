// The official Socket.IO client against the panel's and the console's sockets, on both transports.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { welcomed } from './fixtures/api.mjs';
import { GENEROUS, openScene } from './fixtures/scene.mjs';

const { test, api, stalk } = await openScene({ browser: false, env: GENEROUS });
const site = await api.site();

const hello = (ticket = null) => ({ v: 1, site: site.key, ticket, device: randomUUID(), language: 'en', visit: randomUUID(), page: null });

for (const transport of ['websocket', 'polling']) {
  const options = { transports: [transport] };

  test(`visitor and operator are welcomed, post, join and hear each other by ${transport}`, async () => {
    const visitor = await welcomed(stalk.widgetUrl, hello(), options);
    assert.equal(visitor.welcome.v, 1);
    assert.ok(visitor.welcome.ticket && visitor.welcome.visitor.id && visitor.welcome.heartbeat);
    const operator = await api.socket(options);
    assert.ok(operator.welcome.operator.id);

    const question = { client_message_id: randomUUID(), conversation: null, text: `by ${transport}` };
    const posted = await visitor.request('message.post', question);
    assert.equal(posted.message.seq, 1);
    const changed = await operator.publication((it) => it.d.type === 'conversation.changed' && JSON.stringify(it.d).includes(posted.conversation.id));
    assert.ok(changed);

    const joined = await operator.request('channel.join', { channel: posted.channel, after: 0 });
    assert.deepEqual(joined.entries.map((/** @type {any} */ it) => [it.seq, it.data.text]), [[1, `by ${transport}`]]);
    const answer = { client_message_id: randomUUID(), conversation: posted.conversation.id, text: `answer by ${transport}` };
    const answered = await operator.request('message.post', answer);
    const heard = await visitor.publication((it) => it.d.client_message_id === answer.client_message_id);
    assert.deepEqual([heard.ch, heard.seq, heard.d.data.text], [posted.channel, answered.message.seq, answer.text]);

    assert.deepEqual((await visitor.request('message.post', question)).message, posted.message, 'a repeat gets the first answer');
    await assert.rejects(visitor.request('message.post', { ...question, text: 'something else' }), { code: 'conflict' });
    await visitor.request('typing.put', { conversation: posted.conversation.id, active: true });
    await operator.publication((it) => it.d.type === 'typing.changed' && it.d.data.active === true);
    await operator.request('receipt.put', { conversation: posted.conversation.id, delivered: 1, read: 1 });
    const receipt = await visitor.publication((it) => it.d.type === 'receipt.advanced' && it.d.data.side === 'operator');
    assert.ok(receipt.d.data.read >= 1 && receipt.seq === undefined);
    await assert.rejects(visitor.request('no.such_method', {}), { code: 'invalid' });
    visitor.close();
    operator.close();
  });

  test(`a visitor who comes back with the ticket and a watermark gets what was missed by ${transport}`, async () => {
    const first = await welcomed(stalk.widgetUrl, hello(), options);
    const texts = ['one', 'two', 'three'];
    for (const text of texts) await first.request('message.post', { client_message_id: randomUUID(), conversation: null, text });
    first.close();
    const { conversation } = (await welcomed(stalk.widgetUrl, hello(first.welcome.ticket), options)).welcome;
    const again = await welcomed(stalk.widgetUrl, { ...hello(first.welcome.ticket), after: { [conversation.id]: 1 } }, options);
    assert.equal(again.welcome.visitor.id, first.welcome.visitor.id);
    assert.deepEqual(again.welcome.entries.map((/** @type {any} */ it) => it.data.text), ['two', 'three']);
    const since = await again.request('channel.since', { channel: conversation.channel, after: 0, limit: 2 });
    assert.deepEqual([since.entries.length, since.top, since.more], [2, 3, true]);
    again.close();
  });

  test(`a wrong token is refused with bye 4100 by ${transport}`, async () => {
    await assert.rejects(welcomed(stalk.url, { v: 1, token: 'wrong' }, options), (/** @type {any} */ error) => error.bye?.code === 4100);
  });

  test(`a token is good once by ${transport}`, async () => {
    const { token } = await api.post('/api/v1/me/socket-tokens', {});
    const first = await welcomed(stalk.url, { v: 1, token }, options);
    await assert.rejects(welcomed(stalk.url, { v: 1, token }, options), (/** @type {any} */ error) => error.bye?.code === 4100);
    first.close();
  });

  test(`a version from the future and an unknown site are refused by ${transport}`, async () => {
    await assert.rejects(welcomed(stalk.widgetUrl, { ...hello(), v: 99 }, options), (/** @type {any} */ error) => error.bye?.code === 4202);
    await assert.rejects(welcomed(stalk.widgetUrl, { ...hello(), site: 'nosuchsite' }, options), (/** @type {any} */ error) => error.bye?.code >= 4200);
  });
}

test('a visitor reads and writes no conversation of another', async () => {
  const [one, two] = await Promise.all([welcomed(stalk.widgetUrl, hello()), welcomed(stalk.widgetUrl, hello())]);
  const posted = await one.request('message.post', { client_message_id: randomUUID(), conversation: null, text: 'mine' });
  const { id } = posted.conversation;
  await assert.rejects(two.request('channel.join', { channel: posted.channel, after: 0 }), { code: 'not_found' });
  await assert.rejects(two.request('channel.since', { channel: posted.channel, after: 0 }), { code: 'not_found' });
  await assert.rejects(two.request('message.post', { client_message_id: randomUUID(), conversation: id, text: 'x' }), { code: 'not_found' });
  await assert.rejects(two.request('receipt.put', { conversation: id, read: 1 }), { code: 'not_found' });
  await assert.rejects(one.request('channel.join', { channel: posted.channel.replace(/^c/, 'n'), after: 0 }), { code: 'not_found' });
  one.close();
  two.close();
});
