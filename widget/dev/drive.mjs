// Drives the built widget in Chromium against the mock: every promise of the first slice once, with screenshots to look at.
// Usage: npm run build && npm run drive [-- name part]. Screenshots go to $SHOTS or the system's temporary folder.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { startMock } from './mock.mjs';
import { scenes as chatting } from './scenes.mjs';
import { scenes as features } from './scenes-features.mjs';

const scenes = { ...chatting, ...features };

const SHOTS = process.env.SHOTS ?? join(tmpdir(), 'stalk-widget');
mkdirSync(SHOTS, { recursive: true });
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const args = '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split(' ');
const wanted = process.argv[2] ?? '';

const browser = await chromium.launch({ executablePath, args, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
let failed = 0;
for (const [name, { run, options = {} }] of Object.entries(scenes)) {
  if (!name.includes(wanted)) continue;
  const mock = await startMock({ port: 0 || 8787, answers: false });
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, reducedMotion: 'reduce', ...options });
  const problems = [];
  const open = async (path = '/') => {
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/ERR_|favicon|WebSocket|Failed to load/.test(message.text())) problems.push(message.text());
    });
    page.panel = page.frameLocator('[data-testid=stalk-panel]');
    page.launcher = page.getByTestId('stalk-launcher');
    page.shot = async (as) => {
      await page.waitForTimeout(120);
      return  page.screenshot({ path: join(SHOTS, `${as}.png`) });
    };
    if (path) await page.goto(mock.shopOrigin + path);
    return page;
  };
  const started = Date.now();
  try {
    await run({ mock, open, context });
    assert.deepEqual(problems, []);
    process.stdout.write(`ok    ${name} (${Date.now() - started} ms)\n`);
  } catch (error) {
    failed++;
    process.stdout.write(`FAIL  ${name}\n${error.stack}\n${problems.join('\n')}\n`);
    for (const page of context.pages()) await page.screenshot({ path: join(SHOTS, `FAIL-${name.replace(/\W+/g, '-')}.png`) }).catch(() => {});
  }
  await context.close();
  await mock.stop();
}
await browser.close();
process.exit(failed ? 1 : 0);
