// An operator's actions show at once however far the server is, and all of them work without a mouse.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { mark } from './fixtures/log.mjs';
import { Operator } from './fixtures/operator.mjs';
import { GENEROUS, openScene } from './fixtures/scene.mjs';
import { field } from './fixtures/visitor.mjs';

const { test, scene, api, operator, visitor, conversationOf } = await openScene({ env: GENEROUS });
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** How far the server is, there and back. */
const FAR = 300;
/** The promise on a quiet machine; a busy one gets three times that for the best of its rounds, which is still half the way to the server. */
const PROMISE = 50;
const SLACK = 3;
const ROUNDS = 3;

/** A visitor who wrote, which takes somebody who is online, and the id of their conversation. @param {string} text */
async function asked(text) {
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.say(text);
  return { guest, id: await conversationOf(text) };
}

/**
 * How long it takes from a click until the page shows what it did.
 * @param {import('playwright-core').Page} page @param {string} click @param {string} shown @param {string} [text]
 */
const shownAfter = (page, click, shown, text = '') =>
  page.evaluate(
    ([click, shown, text]) =>
      new Promise((resolve) => {
        const began = performance.now();
        /** @type {HTMLElement} */ (document.querySelector(click)).click();
        const look = () => {
          const there = [...document.querySelectorAll(shown)].some((it) => it.textContent?.includes(text));
          if (there || performance.now() - began > 5_000) resolve(performance.now() - began);
          else requestAnimationFrame(look);
        };
        look();
      }),
    [click, shown, text],
  );

/** Opens the conversation and does everything to it once. @param {import('./fixtures/operator.mjs').Operator} shop @param {string} id @param {number} round */
async function actions(shop, id, round) {
  const { page } = shop;
  const [said, noted] = [mark(`q${'abc'[round]}`, 2), `for colleagues ${round}`];
  /** @type {Record<string, number>} */
  const took = {};
  took.open = await shownAfter(page, `[data-conversation-id="${id}"]`, `[data-conversation-id="${id}"][data-open]`);
  await shop.sees(mark(`q${'abc'[round]}`, 1));
  took.take = await shownAfter(page, '[data-testid="assign-me"]', '[data-testid="assignee"]', 'You');
  await shop.composer.fill(said);
  took.send = await shownAfter(page, '[data-testid="send"]', '[data-testid="message"]', said);
  await page.locator('[data-testid="message"]:not([data-seq=""])').filter({ hasText: said }).waitFor();
  await page.getByTestId('mode-note').click();
  await shop.composer.fill(noted);
  took.note = await shownAfter(page, '[data-testid="send"]', '[data-testid="note"]', noted);
  await shop.message(said).hover();
  await page.getByTestId('message-menu').click();
  await page.getByTestId('retract-message').waitFor();
  took.retract = await shownAfter(page, '[data-testid="retract-message"]', '[data-retracted]');
  await page.getByTestId('snooze').click();
  await page.getByTestId('snooze-tomorrow').waitFor();
  took.snooze = await shownAfter(page, '[data-testid="snooze-tomorrow"]', '[data-testid="reopen"]');
  took['take back'] = await shownAfter(page, '[data-testid="reopen"]', '[data-testid="resolve"]');
  took.resolve = await shownAfter(page, '[data-testid="resolve"]', '[data-testid="reopen"]');
  took.reopen = await shownAfter(page, '[data-testid="reopen"]', '[data-testid="resolve"]');
  return took;
}

test('every action shows before the server, 300 ms away, has heard of it', async (t) => {
  const shop = await operator();
  const ids = [];
  for (let round = 0; round < ROUNDS; round += 1) ids.push((await asked(mark(`q${'abc'[round]}`, 1))).id);
  await shop.tab('all').click();
  const cdp = await shop.page.context().newCDPSession(shop.page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: FAR, downloadThroughput: -1, uploadThroughput: -1 });
  const rounds = [];
  for (const [round, id] of ids.entries()) {
    await shop.row(id).waitFor();
    rounds.push(await actions(shop, id, round));
  }
  const best = Object.keys(rounds[0]).map((what) => /** @type {const} */ ([what, Math.min(...rounds.map((one) => one[what]))]));
  for (const [what, ms] of best) t.diagnostic(`${what}: ${ms.toFixed(0)} ms, of ${rounds.map((one) => one[what].toFixed(0)).join(', ')} (promise: ${PROMISE} ms on a quiet machine)`);
  // Opening is a page of its own: its figure is printed, and nothing of it waits for the server either.
  for (const [what, ms] of best) if (what !== 'open') assert.ok(ms <= PROMISE * SLACK, `${what} took ${ms.toFixed(0)} ms`);
});

test('what the server refuses is taken back, with a word', async () => {
  const shop = await operator();
  const { id } = await asked(mark('r', 1));
  await shop.open(id);
  const { page } = shop;
  /** Answers the next such request, late enough for the change to be seen first, with a refusal. @param {string} what */
  const refuse = async (what) => {
    /** @type {() => void} */
    let answer = () => undefined;
    const seen = new Promise((resolve) => (answer = () => resolve(undefined)));
    await page.route(`**/api/v1/conversations/*/${what}`, async (route) => {
      await seen;
      await route.fulfill({ status: 403, contentType: 'application/json', body: '{"code":"forbidden","message":"no"}' });
    }, { times: 1 });
    return answer;
  };
  const undone = page.getByRole('status').filter({ hasText: 'undone' });

  let answer = await refuse('status');
  await page.getByTestId('resolve').click();
  await page.getByTestId('reopen').waitFor();
  answer();
  await undone.first().waitFor();
  await page.getByTestId('resolve').waitFor();
  await shop.row(id).waitFor();

  answer = await refuse('assignee');
  await page.getByTestId('assign-me').click();
  await page.getByTestId('assignee').filter({ hasText: 'You' }).waitFor();
  answer();
  await page.getByTestId('assignee').filter({ hasText: 'Unassigned' }).waitFor();
  await page.getByTestId('assign-me').waitFor();
  const stored = await api.get(`/api/v1/conversations/${id}`);
  assert.deepEqual([stored.status, stored.assignee], ['open', null]);
});

test('an operator can work without a mouse, from signing in to resolving', async () => {
  const tab = await (await scene.profile()).newPage();
  await tab.goto(`${scene.stalk.url}/sign-in`);
  await tab.locator('input[name=email]:focus').waitFor();
  await tab.keyboard.type(scene.stalk.email);
  await tab.keyboard.press('Tab');
  await tab.locator('input[name=password]:focus').waitFor();
  await tab.keyboard.type(scene.stalk.password);
  await tab.keyboard.press('Enter');
  await tab.waitForURL('**/console/**');
  await tab.getByTestId('availability').waitFor();
  const shop = new Operator(tab, scene.stalk);
  const { guest, id } = await asked(mark('k', 1));
  const { keyboard } = shop.page;
  // Nobody types within the frame in which the cursor moves; a test would.
  const cursor = () => shop.composer.and(shop.page.locator(':focus')).waitFor();
  await keyboard.press('3');
  await shop.row(id).waitFor();
  await keyboard.press('j');
  for (let tries = 0; tries < 10 && !(await shop.row(id).getAttribute('data-focused')); tries++) await keyboard.press('j');
  await keyboard.press('Enter');
  await shop.composer.waitFor();
  await keyboard.press('r');
  await cursor();
  await keyboard.type(mark('k', 2));
  await keyboard.press('Enter');
  await guest.sees(mark('k', 2));
  await keyboard.press('Escape');
  await keyboard.press('n');
  await cursor();
  await keyboard.type('a quiet word');
  await keyboard.press('Enter');
  await shop.page.getByTestId('note').filter({ hasText: 'a quiet word' }).waitFor();
  await keyboard.press('Escape');
  await keyboard.press('e');
  await shop.page.getByTestId('reopen').waitFor();
  await keyboard.press('Control+k');
  await field(shop.page, 'palette-field').and(shop.page.locator(':focus')).waitFor();
  await keyboard.type('reopen');
  await keyboard.press('Enter');
  await shop.page.getByTestId('resolve').waitFor();
  await keyboard.press('?');
  await shop.page.getByRole('dialog').waitFor();
  await keyboard.press('Escape');
  await shop.page.getByRole('dialog').waitFor({ state: 'detached' });
  await keyboard.press('u');
  await shop.page.waitForURL(/\/inbox\/[a-z]+$/);
});

test('the palette goes on to the next conversation and back, and shows the keys that do', async () => {
  const shop = await operator();
  for (const which of [1, 2]) await asked(mark('g', which));
  const { page } = shop;
  await shop.tab('all').click();
  const rows = page.getByTestId('conversation-row');
  await rows.nth(1).waitFor();
  const [first, second] = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-conversation-id')));
  await shop.row(String(first)).click();
  await shop.composer.waitFor();
  for (const [command, key, id] of [['next conversation', 'J', second], ['previous conversation', 'K', first]]) {
    await page.keyboard.press('Control+k');
    await field(page, 'palette-field').and(page.locator(':focus')).waitFor();
    await page.keyboard.type(String(command));
    await page.locator('[data-testid="palette-option"][data-active]').filter({ hasText: new RegExp(`^${command}${key}$`, 'i') }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/inbox/all/${id}`);
    await shop.composer.waitFor();
  }
  await page.close();
});

test('a draft is there after a reload, after the server was killed, and in another tab', async () => {
  const profile = await scene.profile();
  const shop = await operator(profile);
  const { id } = await asked(mark('d', 1));
  await shop.open(id);
  await shop.composer.fill('half a sentence');
  await shop.page.reload();
  assert.equal(await shop.composer.inputValue(), 'half a sentence');
  await scene.stalk.kill();
  await shop.composer.fill('half a sentence, and more');
  await scene.stalk.launch();
  await shop.page.reload();
  assert.equal(await shop.composer.inputValue(), 'half a sentence, and more');
  const other = await profile.newPage();
  await other.goto(shop.page.url());
  await other.getByTestId('composer').waitFor();
  for (const until = Date.now() + 5_000; (await other.getByTestId('composer').inputValue()) !== 'half a sentence, and more'; ) {
    assert.ok(Date.now() < until, 'the other tab does not show the draft');
    await pause(25);
  }
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`menus, palette and sheet have no serious violation, ${colorScheme}`, async (t) => {
    const shop = await operator(await scene.profile({ colorScheme }));
    const { id } = await asked(mark(`x${colorScheme}`, 1));
    await shop.open(id);
    const { page } = shop;
    /** @param {string} name */
    const audit = async (name) => {
      await page.evaluate(AXE);
      const found = await page.evaluate(async () => {
        await Promise.all(document.getAnimations().map((it) => it.finished.catch(() => undefined)));
        const { violations } = await /** @type {any} */ (window).axe.run(document, { resultTypes: ['violations'], iframes: false });
        return violations.map((/** @type {any} */ it) => `${it.impact} ${it.id}: ${it.help} (${it.nodes.map((/** @type {any} */ node) => node.target.join(' ')).slice(0, 3).join(' · ')})`);
      });
      for (const violation of found) t.diagnostic(`${name}: ${violation}`);
      assert.deepEqual(found.filter((/** @type {string} */ it) => /^(serious|critical)/.test(it)), [], name);
    };
    const states = /** @type {[string, string, string][]} */ ([
      ['snooze', '[data-testid="snooze"]', '[data-testid="snooze-menu"]'], ['tags', '[data-testid="tags"]', '[data-testid="tag-field"]'],
      ['assignee', '[data-testid="assignee"]', '[data-testid="assignee-option"]'], ['emoji', '[data-testid="emoji"]', '[data-testid="emoji-picker"]'], ['filter', '[data-testid="list-filter"]', '[data-testid="sort-newest"]'],
    ]);
    for (const [name, button, there] of states) {
      await page.locator(button).click();
      await page.locator(there).first().waitFor();
      await audit(name);
      await page.keyboard.press('Escape');
      await page.locator(there).first().waitFor({ state: 'detached' });
    }
    await page.keyboard.press('Control+k');
    await page.getByTestId('palette-field').waitFor();
    await audit('palette');
    await page.keyboard.press('Escape');
    await page.getByTestId('palette-field').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await audit('sheet');
    await page.context().close();
  });
}
