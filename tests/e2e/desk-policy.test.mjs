// The console keeps its own policy: nonces for scripts and styles, Trusted Types, pictures from the shop only; through every page and menu.

import assert from 'node:assert/strict';
import { mark } from './fixtures/log.mjs';
import { png } from './fixtures/picture.mjs';
import { GENEROUS, openScene } from './fixtures/scene.mjs';

const { test, scene, api, operator, visitor, conversationOf, stalk } = await openScene({ env: GENEROUS });
const site = await api.site();
const SECTIONS = ['install', 'general', 'appearance', 'texts', 'chat', 'hours', 'routing', 'members', 'security'];
const PAGES = ['inbox/queued', 'inbox/resolved', 'offline', 'sites', 'people', 'canned-responses', 'tags', 'profile', 'nowhere', ...SECTIONS.map((section) => `sites/${site.id}/${section}`)];

/** Tells of every breach of a page's policy, in every page of the profile. @param {import('playwright-core').BrowserContext} context */
async function watched(context) {
  /** @type {string[]} */
  const breaches = [];
  await context.exposeBinding('__breach', ({ page }, what) => void breaches.push(`${new URL(page.url()).pathname}: ${what}`));
  await context.addInitScript(() =>
    addEventListener('securitypolicyviolation', (event) =>
      /** @type {any} */ (window).__breach(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}:${event.columnNumber} ${event.sample}`)),
  );
  return breaches;
}

test('the page of the console allows what carries its nonce, differently each time, and no markup from text', async () => {
  const shop = await operator();
  const policies = [];
  for (let count = 0; count < 2; count += 1) {
    const answer = await shop.page.goto(`${stalk.url}/console/inbox/all`);
    policies.push((await answer?.headerValue('content-security-policy')) ?? '');
  }
  const nonces = policies.map((policy) => /script-src 'nonce-([a-z0-9]{26})' 'strict-dynamic';/.exec(policy)?.[1]);
  assert.ok(nonces[0] && nonces[1] && nonces[0] !== nonces[1], policies.join('\n'));
  for (const policy of policies) {
    assert.match(policy, /require-trusted-types-for 'script'; trusted-types default$/);
    assert.doesNotMatch(policy, /unsafe/);
  }
  const refused = await shop.page.evaluate(() => {
    const attempts = {
      markup: () => void (document.body.innerHTML = '<img src=x onerror=alert(1)>'),
      script: () => void document.body.append(Object.assign(document.createElement('script'), { src: '/console/other.js' })),
      text: () => void document.body.append(Object.assign(document.createElement('script'), { text: 'window.ran = 1' })),
      policy: () => void /** @type {any} */ (window).trustedTypes.createPolicy('another', {}),
      worker: () => void new Worker('/console/other.js'),
    };
    return Object.entries(attempts).filter(([, attempt]) => {
      try {
        attempt();
        return false;
      } catch {
        return true;
      }
    }).map(([name]) => name);
  });
  assert.deepEqual(refused, ['markup', 'script', 'text', 'policy', 'worker']);
});

test('all pages, menus and dialogs keep it, whatever a visitor wrote', async () => {
  const context = await scene.profile();
  const breaches = await watched(context);
  const shop = await operator(context);
  const { page } = shop;
  const guest = await (await visitor()).goto();
  await guest.open();
  await guest.say(`${mark('p', 1)} <img src=x onerror=alert(1)><style>*{display:none}</style> https://example.test/`);
  const id = await conversationOf(mark('p', 1));
  const card = { title: '<b>Cup</b>', image_url: 'https://elsewhere.example/cup.png', url: 'https://example.test/', buttons: [] };
  await api.post(`/api/v1/conversations/${id}/messages`, { client_message_id: sortedId(), card });
  await api.post(`/api/v1/conversations/${id}/messages`, { client_message_id: sortedId(), card: { ...card, image_url: `${stalk.shopUrl}/assets/nothing.png` } });

  await shop.open(id);
  await shop.sees(mark('p', 1));
  await page.getByTestId('card').nth(1).waitFor();
  await page.locator('[data-testid="card"] [data-none]').first().waitFor();
  await page.getByTestId('file-input').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: png(300, 200) });
  await page.locator('[data-testid="tray-file"][data-state="ready"]').waitFor();
  await page.getByTestId('send').click();
  await page.locator('[data-testid="message"] [data-testid="attachment-picture"] img').click();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  for (const [button, there] of [
    ['snooze', 'snooze-menu'], ['tags', 'tag-field'], ['assignee', 'assignee-option'], ['emoji', 'emoji-picker'], ['list-filter', 'sort-newest'], ['availability', 'availability-away'],
  ]) {
    await page.getByTestId(button).click();
    await page.getByTestId(there).first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId(there).first().waitFor({ state: 'detached' });
  }
  await page.keyboard.press('Control+k');
  await page.getByTestId('palette-field').waitFor();
  await page.keyboard.press('Escape');
  await page.getByTestId('palette-field').waitFor({ state: 'detached' });
  await page.getByTestId('search').fill('onerror');
  await page.getByTestId('search-hit').first().waitFor();

  for (const path of PAGES) {
    await page.goto(`${stalk.url}/console/${path}`);
    await page.getByTestId('availability').waitFor();
    await page.waitForLoadState('networkidle');
  }
  await page.goto(`${stalk.url}/console/people`);
  await page.getByTestId('invite').click();
  await page.getByTestId('invite-form').waitFor();
  await page.goto(`${stalk.url}/console/profile`);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${stalk.url}/console/inbox/all/${id}`);
  await shop.composer.waitFor();
  await page.getByTestId('visitor-panel-toggle').click();
  await page.getByTestId('visitor-panel').waitFor();
  assert.deepEqual(breaches, []);

  for (const path of ['sign-up', 'sign-in', 'forgot-password']) await page.goto(`${stalk.url}/${path}`);
  assert.deepEqual(breaches, []);
});

/** A UUIDv7. */
function sortedId() {
  const time = Date.now().toString(16).padStart(12, '0');
  const rest = crypto.randomUUID();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(15, 18)}-${rest.slice(19)}`;
}
