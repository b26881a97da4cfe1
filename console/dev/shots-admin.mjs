// Pictures of the settings: `node dev/shots-admin.mjs [folder] [word]`, like shots.mjs.
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";

const folder = process.argv[2] ?? "/tmp/console-admin-shots";
const only = process.argv[3] ?? "";
const base = process.env.BASE ?? "http://127.0.0.1:28171";
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const sizes = { 1440: 900, 1024: 768, 390: 844 };

const { items: sites } = await (await fetch(`${base}/api/v1/sites`)).json();
const open = (path) => async (page) => { await page.goto(`${base}/console/${path}`); await page.waitForLoadState("networkidle"); };
const site = (section, act) => async (page) => { await open(`sites/${sites[0]?.id}/${section}`)(page); await act?.(page); };
const pages = {
  sites: open("sites"),
  newsite: async (page) => { await open("sites")(page); await page.getByTestId("add-site").click(); },
  ...Object.fromEntries(["install", "general", "appearance", "texts", "chat", "hours", "routing", "members", "security"].map((section) => [`site-${section}`, site(section)])),
  "site-pill": site("appearance", async (page) => { await page.getByText(/^(With words|글자와 함께)$/).click(); await page.getByTestId("site-color").fill("#ffe600"); await page.waitForTimeout(200); }),
  "site-prechat": site("chat", async (page) => { await page.getByTestId("site-prechat").check({ force: true }); await page.getByTestId("site-typing-preview").check({ force: true }); }),
  "site-week": site("hours", async (page) => { await page.locator('[data-testid="hours-mode"] label').nth(1).click(); }),
  "site-some": site("members", async (page) => { await page.locator('[data-testid="members-mode"] label').nth(1).click(); }),
  "site-secret": site("security", async (page) => { await page.getByTestId("secret-show").click(); await page.getByTestId("secret-rotate").click(); }),
  people: open("people"),
  invite: async (page) => { await open("people")(page); await page.getByTestId("invite").click(); },
  person: async (page) => { await open("people")(page); await page.getByTestId("person-menu").nth(2).click(); },
  canned: open("canned-responses"),
  "canned-new": async (page) => { await open("canned-responses")(page); await page.getByTestId("canned-add").click(); },
  tags: open("tags"),
  "tag-edit": async (page) => { await open("tags")(page); await page.getByTestId("tag-edit").first().click(); },
  profile: open("profile"),
  password: async (page) => { await open("profile")(page); await page.getByTestId("password-current").scrollIntoViewIfNeeded(); },
};

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: flags });
for (const [width, height] of Object.entries(sizes)) for (const theme of ["light", "dark"]) for (const language of ["en", "ko"]) {
  const wanted = Object.entries(pages).filter(([name]) => !only || new RegExp(only).test(`${name}-${width}-${theme}-${language}`));
  if (wanted.length === 0) continue;
  const context = await browser.newContext({ viewport: { width: Number(width), height }, colorScheme: theme, locale: language === "ko" ? "ko-KR" : "en-GB", hasTouch: Number(width) < 500 });
  context.setDefaultTimeout(5000);
  for (const [name, go] of wanted) {
    const page = await context.newPage();
    page.on("console", (message) => { if (["error", "warning"].includes(message.type())) console.log(name, "console:", message.text().slice(0, 400)); });
    page.on("pageerror", (error) => console.log(name, "pageerror:", error.message));
    page.on("dialog", (dialog) => void dialog.accept());
    try { await go(page); await page.waitForTimeout(400); } catch (error) { console.log(name, String(error).split("\n")[0]); }
    await page.screenshot({ path: `${folder}/${name}-${width}-${theme}-${language}.png` });
    await page.close();
  }
  await context.close();
}
await browser.close();
