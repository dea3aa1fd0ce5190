import assert from 'node:assert/strict';
import { comes, execute, names, screen } from '../steps.mjs';

export const name = 'a reload loses nothing, and storage that is corrupt, blocked or full costs one notice';

export async function run(page, { url }) {
  const reopened = async () => {
    await page.goto(url);
    await page.locator('[data-terminal-input]').waitFor();
  };
  await execute(page, 'docker network create net-a');
  await execute(page, 'docker run -d --name web --network net-a nginx');
  const before = [await screen(page), await names(page, 'data-container'), await names(page, 'data-network')];
  await comes(() => page.evaluate(() => localStorage.getItem('drydock.lab') ?? ''), /--name web/, 'it is saved');
  await page.reload();
  await page.locator('[data-container=web]').waitFor();
  await comes(async () => [await screen(page), await names(page, 'data-container'), await names(page, 'data-network')], before);
  await page.keyboard.type('echo still here');
  await page.keyboard.press('ArrowUp');
  await comes(() => page.locator('[data-terminal-input]').inputValue(), /--name web/, 'history is kept too');

  await page.evaluate(() => {
    for (const key of Object.keys(localStorage)) localStorage.setItem(key, '{"no": "lab');
  });
  await reopened();
  await comes(() => page.locator('.toast').count(), 1);
  await comes(() => page.locator('.toast').innerText(), /could not be opened/);
  await comes(() => names(page, 'data-container'), []);
  await works(page);

  await page.addInitScript(() => {
    const full = () => { throw new DOMException('no room', 'QuotaExceededError'); };
    Object.defineProperty(Storage.prototype, 'setItem', { value: full });
  });
  await reopened();
  await works(page);
  await page.waitForTimeout(1000);
  await comes(() => page.locator('.notice').innerText(), /not saved.*full/s);

  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('forbidden', 'SecurityError'); } });
  });
  await reopened();
  await works(page);
  await page.waitForTimeout(1000);
  await comes(() => page.locator('.notice').innerText(), /not saved.*lets the page store nothing/s);
}

async function works(page) {
  assert.match(await execute(page, 'echo it works'), /^it works$/);
}
