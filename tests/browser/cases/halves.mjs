import assert from 'node:assert/strict';
import { comes, output } from '../steps.mjs';

export const name = 'what is typed before the second half of the program has come is done when it comes, and if it does not, the page says so';
export const on = 'site';

const REST = '**/drydock_rest.wasm*';

export async function run(page, { problems }) {
  let release;
  const held = new Promise(done => { release = done; });
  await page.context().route(REST, async route => {
    await held;
    await route.continue();
  });
  await page.reload();
  await page.locator('[data-terminal-input]').first().waitFor({ state: 'attached' });
  await page.keyboard.type('ip -br addr show lo');
  await page.keyboard.press('Enter');
  await page.getByRole('tab', { name: 'Compose' }).click();
  const editor = page.locator('[data-editor-input]');
  await editor.focus();
  await page.keyboard.insertText('services:\n');
  await page.waitForTimeout(500);
  assert.doesNotMatch(await output(page), /127\.0\.0\.1/);
  release();
  await comes(() => output(page), /127\.0\.0\.1/);
  await comes(() => editor.inputValue(), 'services:\n', 'a file that was begun before is kept');

  await page.context().unroute(REST);
  await page.context().route(REST, route => route.abort());
  await page.evaluate(() => localStorage.removeItem('drydock.lab'));
  await page.reload();
  await page.getByRole('alert').getByRole('heading').waitFor();
  await comes(() => problems.splice(0).length > 0, true, 'the console says it, too');
}
