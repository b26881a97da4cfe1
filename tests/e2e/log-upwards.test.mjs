// A long conversation is read upwards: older messages come above, and what one reads stays where it is.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { welcomed } from './fixtures/api.mjs';
import { GENEROUS, openScene } from './fixtures/scene.mjs';

const MESSAGES = 180;
/** A line of text is about 20 px high: less than this nobody takes for a jump. */
const STEADY = 3;

const { test, api, operator, conversationOf, stalk } = await openScene({ env: GENEROUS });

/** The lowest number in the log, and where the first message is that is wholly in sight. @param {import('playwright-core').Page} page */
const sight = (page) =>
  page.evaluate(() => {
    const log = /** @type {HTMLElement} */ (document.querySelector('[role="log"]'));
    const top = log.getBoundingClientRect().top;
    const all = /** @type {HTMLElement[]} */ ([...log.querySelectorAll('[data-testid="message"]')]);
    const first = all.find((one) => one.getBoundingClientRect().top >= top);
    return { lowest: Number(all[0]?.dataset.seq), seq: Number(first?.dataset.seq), at: first ? first.getBoundingClientRect().top - top : 0 };
  });

test('older messages come above without a jump, until the first', async (t) => {
  const site = await api.site();
  const visitor = await welcomed(stalk.widgetUrl, { v: 1, site: site.key, ticket: null, device: randomUUID(), language: 'en', visit: randomUUID(), page: null });
  for (let number = 1; number <= MESSAGES; number++) {
    const text = number % 7 === 0 ? `Line ${number} is a longer one, of the kind that goes over more than one line in the log, so that not all are of one height.` : `Line ${number}`;
    await visitor.request('message.post', { client_message_id: randomUUID(), conversation: null, text });
  }
  const id = await conversationOf(`Line ${MESSAGES}`);
  const { page } = await operator();
  await page.goto(`${stalk.url}/console/inbox/all/${id}`);
  await page.getByTestId('message').filter({ hasText: `Line ${MESSAGES}` }).waitFor();

  /** @type {number[]} */
  const jumps = [];
  for (let now = await sight(page); now.lowest > 1;) {
    // To near the top, as a hand does it; what is in sight then is compared with itself once more has come above.
    const before = await page.evaluate((near) => {
      const log = /** @type {HTMLElement} */ (document.querySelector('[role="log"]'));
      log.scrollTop = near;
      const top = log.getBoundingClientRect().top;
      const first = /** @type {HTMLElement | undefined} */ ([...log.querySelectorAll('[data-testid="message"]')].find((one) => one.getBoundingClientRect().top >= top));
      return { seq: Number(first?.dataset.seq), at: first ? first.getBoundingClientRect().top - top : 0 };
    }, jumps.length === 0 ? 120 : 0);
    await page.waitForFunction((lowest) => Number(/** @type {HTMLElement} */ (document.querySelector('[data-testid="message"]')).dataset.seq) < lowest, now.lowest);
    await page.getByRole('log').locator('[role="status"]').waitFor({ state: 'detached' });
    const at = await page.evaluate((seq) => {
      const log = /** @type {HTMLElement} */ (document.querySelector('[role="log"]'));
      return /** @type {HTMLElement} */ (log.querySelector(`[data-testid="message"][data-seq="${seq}"]`)).getBoundingClientRect().top - log.getBoundingClientRect().top;
    }, before.seq);
    jumps.push(Math.round(Math.abs(at - before.at)));
    now = await sight(page);
  }
  t.diagnostic(`moved by ${jumps.join(', ')} px`);
  assert.ok(jumps.length >= 2);
  assert.ok(Math.max(...jumps) <= STEADY, `moved by ${jumps.join(', ')} px`);
  visitor.close();
});
