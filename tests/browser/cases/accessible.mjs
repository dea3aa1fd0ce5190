import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { FETCH, SETUP, execute, executeAll } from '../steps.mjs';

export const name = 'axe finds nothing to object to, in any state and either theme';
export const on = 'site';
export const patience = 180_000;
export const options = { reducedMotion: 'reduce' };

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function run(page) {
  // By the debugger, since the page's policy keeps foreign scripts out.
  await page.evaluate(AXE);
  const complaints = [];
  // The whole page, or the part that is new in a state: the rest was looked at before.
  const check = async (state, part) => {
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(300);
      const { violations } = await page.evaluate(part => window.axe.run(part ?? document, { rules: { 'label-content-name-mismatch': { enabled: true } } }), part);
      for (const { id, nodes } of violations) {
        for (const node of nodes) complaints.push(`${state}, ${colorScheme}: ${id}: ${node.html.slice(0, 160)} ${node.failureSummary}`);
      }
    }
  };
  await check('empty');
  for (const dialog of ['starts', 'settings']) {
    await page.locator(`[data-dialog=${dialog}]`).click();
    await check(dialog, 'dialog[open]');
    await page.keyboard.press('Escape');
  }
  await page.getByRole('button', { name: /^Keyboard shortcuts/ }).click();
  await check('key list', 'dialog[open]');
  await page.getByRole('button', { name: 'Show the tour' }).click();
  await check('tour', '.tour');
  await page.locator('.tour .btn').first().click();
  await executeAll(page, SETUP);
  await execute(page, FETCH);
  await check('explained');
  await page.locator('[data-hop]').first().getByRole('button').click();
  await check('journey', '.side');
  for (const tab of ['inspector', 'rules', 'events']) {
    await page.locator(`#tab-${tab}`).click();
    // A long table takes minutes to look at, and its rows are all alike: those that packets met are enough.
    if (tab === 'rules') await page.getByRole('button', { name: 'Only rules hit' }).click();
    await check(tab, '.side');
  }
  await page.locator('#tab-editor').click();
  await page.locator('[data-editor-input]').focus();
  await page.keyboard.insertText('services:\n  web:\n    image: nginx\n    networks: [nowhere]\n');
  await check('editor', '.side');
  await page.locator('[data-container=serviceA]').first().dblclick();
  await check('inside', '.inside');
  await page.keyboard.press('Escape');
  await page.locator('[data-container=serviceA]').first().click({ button: 'right' });
  await check('menu', 'dialog[open]');
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 320, height: 640 });
  await page.getByRole('button', { name: 'Stage', exact: true }).click();
  await check('narrow');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.locator('.pick').click();
  await page.locator('[data-start=pair]').click();
  await check('two machines', '.stagewrap');
  await check('notice', '.toastwrap');
  assert.deepEqual(complaints, []);
}
