import assert from 'node:assert/strict';
import { comes, execute, names } from '../steps.mjs';

export const name = 'if the page itself fails it says so, hands over a report, and has lost nothing after a reload';
export const on = 'site';
export const options = { permissions: ['clipboard-read', 'clipboard-write'] };

export async function run(page, { picture, problems }) {
  await execute(page, 'docker run -d --name web nginx');
  await page.waitForTimeout(700);
  // As if something else had taken the document apart: the next thing that the page wants to show finds no place.
  await page.evaluate(() => { Node.prototype.insertBefore = () => { throw new Error('not here'); }; });
  await page.keyboard.type('docker network c');
  await page.keyboard.press('Tab');
  await page.getByRole('alert').getByRole('heading').waitFor();
  await picture('crash');
  const report = await page.getByRole('alert').getByRole('textbox').inputValue();
  assert.match(report, /^Drydock \d+\.\d+\.\d+\n[^\n]+\nen, 1 inputs\n\npanicked at /);
  assert.doesNotMatch(report, /nginx/, 'nothing of what was typed');
  await page.getByRole('button', { name: 'Copy a report' }).click();
  await comes(() => page.evaluate(() => navigator.clipboard.readText()), report);
  assert.notEqual(problems.splice(0).length, 0, 'the console says it, too');

  await page.getByRole('link').click();
  await page.locator('.canvas [data-container]').waitFor();
  await comes(() => names(page, 'data-container'), ['web']);
}
