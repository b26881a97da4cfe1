// Pictures of every page and state: 1440, 1024 and 390 px, both themes, both languages. `node dev/shots.mjs [folder] [word]`
// with the mock running over a build; `word` keeps only pictures whose name contains it.
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";

const folder = process.argv[2] ?? "/tmp/console-shots";
const only = process.argv[3] ?? "";
const base = process.env.BASE ?? "http://127.0.0.1:28171";
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const sizes = { 1440: 900, 1024: 768, 390: 844 };

const row = (name) => async (page) => { await page.locator('[data-testid="conversation-row"]', { hasText: name }).first().click(); await page.waitForTimeout(700); };
const openRow = (view, name) => async (page) => { await page.goto(`${base}/console/inbox/${view}`); await page.waitForSelector('[data-testid="conversation-row"]'); await row(name)(page); };
const pages = {
  queue: async (page) => { await page.goto(`${base}/console/`); await page.waitForSelector('[data-testid="conversation-row"]'); },
  waiting: openRow("queued", "박서연"),
  edited: openRow("mine", "Alexandra"),
  unread: openRow("mine", "김하늘"),
  others: openRow("all", "이준호"),
  note: async (page) => { await openRow("mine", "Alexandra")(page); await page.click('[data-testid="mode-note"]'); await page.fill('[data-testid="composer"]', "Ask Sofia about the card\nbefore Friday."); },
  failed: async (page) => { await openRow("all", "이준호")(page); await page.fill('[data-testid="composer"]', "/refuse this"); await page.keyboard.press("Enter"); await page.fill('[data-testid="composer"]', "and this waits"); await page.keyboard.press("Enter"); await page.waitForTimeout(600); },
  profile: async (page) => { await page.goto(`${base}/console/`); await page.click('[data-testid="profile-menu"]'); await page.waitForTimeout(300); },
  availability: async (page) => { await page.goto(`${base}/console/`); await page.click('[data-testid="availability"]'); await page.waitForTimeout(300); },
  assignee: async (page) => { await openRow("queued", "박서연")(page); await page.click('[data-testid="assignee"]'); await page.waitForTimeout(300); },
  shortcuts: async (page) => { await page.goto(`${base}/console/`); await page.waitForSelector('[data-testid="conversation-row"]'); await page.keyboard.press("?"); await page.waitForTimeout(400); },
  offline: async (page) => { await page.goto(`${base}/console/offline`); await page.waitForSelector('[data-testid="offline-row"]'); },
  sites: async (page) => { await page.goto(`${base}/console/sites`); await page.waitForSelector('[data-testid="site-row"]'); },
  site: async (page) => { await page.goto(`${base}/console/sites`); await page.click('[data-testid="site-row"] >> nth=0'); await page.waitForSelector('[data-testid="site-snippet"]'); await page.waitForTimeout(300); },
  newsite: async (page) => { await page.goto(`${base}/console/sites`); await page.click('[data-testid="add-site"]'); await page.waitForTimeout(400); },
  details: async (page) => { await openRow("queued", "박서연")(page); const button = page.getByLabel(/Visitor details|방문자 정보/).first(); if (await button.isVisible()) await button.click(); await page.waitForTimeout(400); },
  banner: async (page) => { await openRow("queued", "박서연")(page); await fetch(`${base}/mock/down?is=yes`); await page.waitForTimeout(1500); },
};

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: flags });
for (const [width, height] of Object.entries(sizes)) for (const theme of ["light", "dark"]) for (const language of ["en", "ko"]) {
  const context = await browser.newContext({ viewport: { width: Number(width), height }, colorScheme: theme, locale: language === "ko" ? "ko-KR" : "en-GB", hasTouch: Number(width) < 500 });
  const page = await context.newPage();
  page.on("console", (message) => { if (message.type() === "error" && !/503|Failed to load resource/.test(message.text())) console.log("console:", message.text()); });
  page.on("pageerror", (error) => console.log("pageerror:", error.message));
  for (const [name, go] of Object.entries(pages)) {
    const file = `${name}-${width}-${theme}-${language}`;
    if (only && !new RegExp(only).test(file)) continue;
    try { await go(page); await page.waitForTimeout(350); await page.screenshot({ path: `${folder}/${file}.png` }); } catch (error) { console.log(file, String(error).split("\n")[0]); }
    if (name === "banner") await fetch(`${base}/mock/down?is=no`);
    await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("stalk.outbox") || key.startsWith("stalk.draft")).forEach((key) => localStorage.removeItem(key)));
  }
  await context.close();
}
await browser.close();
