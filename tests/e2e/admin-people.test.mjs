// People and their roles: what somebody may not do is neither shown to them nor done, and a change counts at once.

import assert from 'node:assert/strict';
import { openScene } from './fixtures/scene.mjs';

const { test, scene, api, operator, stalk } = await openScene({ mail: true });
const oscar = await scene.hire({ name: 'Oscar', email: 'oscar@shop.example', role: 'operator' });
const ada = await scene.hire({ name: 'Ada', email: 'ada@shop.example', role: 'admin' });
const site = await api.site();
const { operator: owner } = await api.get('/api/v1/me');
/** @type {{ id: string, name: string }[]} */
const { items: people } = await api.get('/api/v1/operators');
const idOf = (/** @type {string} */ name) => people.find((one) => one.name === name)?.id ?? '';

/** @param {import('playwright-core').Page} page @param {string} path */
const go = async (page, path) => {
  await page.goto(`${stalk.url}/console/${path}`);
  await page.locator('h1').first().waitFor();
};
const row = (/** @type {import('playwright-core').Page} */ page, /** @type {string} */ name) => page.getByTestId('person-row').filter({ hasText: name });

/** What the API answers in the page's own name. @param {import('playwright-core').Page} page @param {string} method @param {string} path @param {unknown} [body] */
const asked = (page, method, path, body) =>
  page.evaluate(async ([method, path, body]) => {
    const answer = await fetch(/** @type {string} */ (path), {
      method: /** @type {string} */ (method), headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return answer.status;
  }, /** @type {const} */ ([method, path, body]));

test('an operator is shown nothing that only admins may do, and is refused it', async () => {
  const { page } = await operator(undefined, oscar);
  await go(page, 'people');
  await row(page, 'Ada').waitFor();
  for (const hidden of ['invite', 'person-edit', 'invitation-row']) assert.equal(await page.getByTestId(hidden).count(), 0, hidden);
  await go(page, 'sites');
  await page.getByTestId('site-row').first().waitFor();
  assert.equal(await page.getByTestId('add-site').count(), 0);
  await go(page, 'tags');
  for (const hidden of ['tag-add', 'tag-edit', 'tag-delete']) assert.equal(await page.getByTestId(hidden).count(), 0, hidden);
  await go(page, `sites/${site.id}/general`);
  const name = page.locator('input[data-testid="site-name"]');
  await name.waitFor();
  assert.ok((await name.isDisabled()) || (await name.getAttribute('readonly')) !== null, 'the name of the site cannot be typed over');
  assert.equal(await page.getByTestId('section-security').count(), 0);
  // The address of the section shows it no more than the list of sections does.
  await go(page, `sites/${site.id}/security`);
  await page.getByTestId('section-general').waitFor();
  assert.equal(await page.getByText('HS256').count(), 0);

  for (const [method, path, body] of /** @type {[string, string, unknown][]} */ ([
    ['POST', '/api/v1/invitations', { email: 'x@shop.example', role: 'operator' }], ['GET', '/api/v1/invitations', undefined],
    ['PATCH', `/api/v1/operators/${owner.id}`, { role: 'operator' }], ['PATCH', `/api/v1/operators/${idOf('Oscar')}`, { role: 'owner' }],
    ['POST', '/api/v1/sites', { name: 'X', domains: ['x.test'], language: 'en' }], ['PATCH', `/api/v1/sites/${site.id}`, { name: 'X' }],
    ['GET', `/api/v1/sites/${site.id}/identity-secret`, undefined], ['POST', '/api/v1/tags', { name: 'X', color: 1 }],
  ])) assert.equal(await asked(page, method, path, body), 403, `${method} ${path}`);
});

test('an admin manages everybody but owners, and makes none', async () => {
  const { page } = await operator(undefined, ada);
  await go(page, 'people');
  await row(page, 'Oscar').getByTestId('person-edit').waitFor();
  assert.equal(await row(page, owner.email).getByTestId('person-edit').count(), 0);
  await row(page, 'Oscar').getByTestId('person-edit').click();
  const roles = page.getByTestId('person-role').locator('input');
  await roles.first().waitFor({ state: 'attached' });
  assert.deepEqual(await roles.evaluateAll((all) => all.map((one) => /** @type {HTMLInputElement} */ (one).value)), ['operator', 'admin']);
  await page.getByTestId('person-capacity').fill('2');
  await page.getByTestId('person-save').click();
  await row(page, 'Oscar').getByText('2', { exact: false }).first().waitFor();
  await page.getByTestId('person-form').waitFor({ state: 'detached' });
  await page.getByTestId('invite').click();
  await page.getByTestId('invite-role').locator('input[value="admin"]').waitFor({ state: 'attached' });
  assert.equal(await page.getByTestId('invite-role').locator('input[value="owner"]').count(), 0);
  for (const [method, path, body] of /** @type {[string, string, unknown][]} */ ([
    ['POST', '/api/v1/invitations', { email: 'x@shop.example', role: 'owner' }], ['PATCH', `/api/v1/operators/${owner.id}`, { deactivated: true }],
    ['PATCH', `/api/v1/operators/${idOf('Oscar')}`, { role: 'owner' }],
  ])) assert.equal(await asked(page, method, path, body), 403, `${method} ${path}`);
});

test('a new role shows in an open console without a reload', async () => {
  const { page } = await operator(undefined, oscar);
  await go(page, 'people');
  await row(page, 'Ada').waitFor();
  assert.equal(await page.getByTestId('invite').count(), 0);
  await api.patch(`/api/v1/operators/${idOf('Oscar')}`, { role: 'admin' });
  await page.getByTestId('invite').waitFor();
  await api.patch(`/api/v1/operators/${idOf('Oscar')}`, { role: 'operator' });
  await page.getByTestId('invite').waitFor({ state: 'detached' });
});

test('a deactivated colleague is at the sign-in page at once, and back when taken back', async (t) => {
  const theirs = await operator(undefined, oscar);
  const { page } = await operator();
  await go(page, 'people');
  await row(page, 'Oscar').getByTestId('person-edit').click();
  await page.getByTestId('person-deactivate').click();
  await page.getByTestId('person-deactivate-confirm').waitFor();
  const began = Date.now();
  await page.getByTestId('person-deactivate-confirm').click();
  await theirs.page.waitForURL('**/sign-in**');
  t.diagnostic(`out ${Date.now() - began} ms after the click (promise: 1000 ms)`);
  await row(page, 'Oscar').and(page.locator('[data-muted]')).getByTestId('person-edit').click();
  await page.getByTestId('person-reactivate').click();
  await page.locator('[data-testid="person-row"]:not([data-muted])').filter({ hasText: 'Oscar' }).waitFor();
  await theirs.signIn(oscar);
});
