import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyWebhook, WebhookError } from '../dist/index.js';

// The example of the Standard Webhooks libraries.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const body = '{"test": 2432232314}';
const now = 1_614_265_330_000;
const headers = { 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330', 'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' };

test('a known delivery is taken, also beside a signature of another key', () => {
  assert.deepEqual(verifyWebhook(secret, headers, body, now), { test: 2432232314 });
  assert.deepEqual(verifyWebhook(secret, { ...headers, 'webhook-signature': `v1,AAAA ${headers['webhook-signature']}` }, body, now), { test: 2432232314 });
});

test('what was touched, is old, or lacks a header is refused', () => {
  for (const [more, text, at] of [
    [{}, `${body} `, now], [{}, body, now + 301_000], [{}, body, now - 301_000], [{ 'webhook-id': 'other' }, body, now],
    [{ 'webhook-signature': undefined }, body, now], [{ 'webhook-timestamp': 'soon' }, body, now], [{ 'webhook-signature': headers['webhook-signature'].replace('v1', 'v2') }, body, now],
  ]) assert.throws(() => verifyWebhook(secret, { ...headers, ...more }, text, at), WebhookError);
});
