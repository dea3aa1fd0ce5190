import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { FETCH, SETUP, execute, executeAll } from '../steps.mjs';

export const name = 'axe finds nothing to object to: empty, after a failure, and with the key list open';
export const on = 'site';
export const options = { reducedMotion: 'reduce' };

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function run(page) {
  // By the debugger, since the page's policy keeps foreign scripts out.
  await page.evaluate(AXE);
  const complaints = [];
  const check = async state => {
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(300);
      const { violations } = await page.evaluate(() => window.axe.run(document));
      for (const { id, nodes } of violations) {
        for (const node of nodes) complaints.push(`${state}, ${colorScheme}: ${id}: ${node.html.slice(0, 160)} ${node.failureSummary}`);
      }
    }
  };
  await check('empty');
  await executeAll(page, SETUP);
  await execute(page, FETCH);
  await check('explained');
  await page.getByRole('button', { name: /^Keyboard shortcuts/ }).click();
  await check('key list');
  assert.deepEqual(complaints, []);
}
