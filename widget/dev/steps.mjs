// What the scenes do again and again.

export const until = async (check, what = String(check), limit = 12000) => {
  for (const end = Date.now() + limit; Date.now() < end; ) {
    if (await check()) return;
    await new Promise((done) => setTimeout(done, 40));
  }
  throw new Error('never: ' + what);
};
export const write = async (page, text) => {
  await page.panel.getByTestId('composer').fill(text);
  await page.panel.getByTestId('composer').press('Enter');
};
export const message = (page, text) => page.panel.getByTestId('message').filter({ hasText: text });
export const state = (page, text, wanted) => until(async () => (await message(page, text).getAttribute('data-state').catch(() => '')) === wanted, `${text} is ${wanted}`);
export const openChat = async (page) => {
  await page.launcher.click();
  await page.panel.getByTestId('composer').waitFor();
};

