// Every state of the panel: nothing for axe-core to say in either theme, and a whole conversation without a mouse.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { audit } from './fixtures/axe.mjs';
import { mark } from './fixtures/log.mjs';
import { openScene } from './fixtures/scene.mjs';

const { test, scene, visitor, conversationOf, api } = await openScene();
const site = await api.site();

let present = await api.socket();
after(() => present.close());

/** @param {object} settings */
const set = (settings) => api.patch(`/api/v1/sites/${site.id}`, { settings });

/** @param {string} name @param {import('./fixtures/visitor.mjs').Visitor} guest */
const look = async (name, guest) => audit(name, await guest.frame());

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`no state of the panel has a violation, ${colorScheme}`, async () => {
    await set({ prechat: { enabled: true, name: 'optional', email: 'optional', question: true }, typing_preview: true, launcher: 'pill' });
    const guest = await (await visitor(await scene.profile({ colorScheme }))).goto();
    await guest.launcher.waitFor();
    await guest.launcher.click();
    await guest.panel.getByTestId('prechat-form').waitFor();
    await look('before the chat', guest);
    await guest.panel.getByTestId('prechat-send').click();
    await look('before the chat, with faults', guest);
    await set({ prechat: { enabled: false } });

    await guest.page.reload();
    await guest.open();
    await guest.composer.waitFor();
    await look('empty', guest);
    await guest.panel.getByTestId('emoji').click();
    await guest.panel.getByTestId('emoji-picker').waitFor();
    await look('emoji', guest);
    await guest.page.keyboard.press('Escape');
    await guest.say(`${mark(colorScheme, 1)} a question, with https://example.test/ in it`);
    const id = await conversationOf(mark(colorScheme, 1));
    await api.post(`/api/v1/conversations/${id}/messages`, { client_message_id: crypto.randomUUID(), text: 'An answer' });
    await guest.sees('An answer');
    await look('conversation', guest);
    await guest.panel.getByTestId('menu').click();
    await look('menu', guest);
    await guest.page.keyboard.press('Escape');
    for (const view of ['list', 'transcript', 'data', 'end']) {
      await guest.panel.getByTestId('menu').click();
      await guest.panel.getByTestId(`menu-${view}`).click();
      await guest.panel.getByTestId('sheet').waitFor();
      await look(view, guest);
      await guest.page.keyboard.press('Escape');
    }
    await api.put(`/api/v1/conversations/${id}/status`, { status: 'resolved' });
    await guest.panel.getByTestId('rating').waitFor();
    await guest.panel.getByTestId('rate-4').check({ force: true });
    await look('rating', guest);
    present.close();
    await api.patch('/api/v1/me', { availability: 'offline' });
    await guest.panel.getByTestId('offline-form').waitFor();
    await look('offline form', guest);
    await api.patch('/api/v1/me', { availability: 'online' });
    present = await api.socket();
  });
}

test('a whole conversation goes without a mouse', async () => {
  await set({ prechat: { enabled: false }, launcher: 'circle' });
  const guest = await (await visitor()).goto();
  await guest.launcher.waitFor();
  await guest.launcher.focus();
  await guest.page.keyboard.press('Enter');
  await guest.composer.waitFor();
  const focused = () => guest.frame().then((panel) => panel.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).dataset.testid ?? document.activeElement?.getAttribute('role')));
  const isFocused = async (/** @type {string} */ what) => {
    const deadline = Date.now() + 5_000;
    while ((await focused()) !== what) {
      assert.ok(Date.now() < deadline, `${await focused()} has the focus, not ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  await isFocused('composer');
  await guest.page.keyboard.type(`${mark('k', 1)} by keys alone`);
  await guest.page.keyboard.press('Enter');
  await guest.sees(mark('k', 1), 'stored');

  // Emoji: from the text one Tab away, arrows in the grid, Escape back to the text.
  await guest.page.keyboard.press('Tab');
  await isFocused('emoji');
  await guest.page.keyboard.press('Enter');
  await guest.panel.getByTestId('emoji-picker').waitFor();
  await guest.page.keyboard.press('ArrowRight');
  await guest.page.keyboard.press('Enter');
  await guest.page.keyboard.press('Escape');
  await isFocused('composer');
  assert.notEqual(await guest.composer.inputValue(), '');

  // The menu, and a view of it, and back.
  await guest.panel.getByTestId('menu').focus();
  await guest.page.keyboard.press('Enter');
  await isFocused('menu-mute');
  await guest.page.keyboard.press('End');
  await isFocused('menu-end');
  await guest.page.keyboard.press('Enter');
  await isFocused('back');
  await guest.page.keyboard.press('Escape');
  await isFocused('composer');
  await guest.page.keyboard.press('Escape');
  await guest.page.getByTestId('stalk-panel').waitFor({ state: 'hidden' });
  await guest.page.waitForFunction(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute('data-testid') === 'stalk-launcher');
});
