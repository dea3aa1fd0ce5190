import assert from 'node:assert/strict';
import { comes } from '../steps.mjs';

export const name = 'a touch screen has the keys that its keyboard lacks';
export const on = 'site';
export const options = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

export async function run(page, { picture }) {
  await page.getByRole('button', { name: 'Terminal', exact: true }).tap();
  const field = page.locator('[data-terminal-input]');
  const key = name => page.locator('.keybar').getByRole('button', { name, exact: true });
  await field.tap();
  await page.keyboard.type('docker netw');
  await key('Tab').tap();
  await comes(() => field.inputValue(), 'docker network ');
  await key('|').tap();
  await comes(() => field.inputValue(), 'docker network |');
  await key('←').tap();
  await page.keyboard.type('x');
  await comes(() => field.inputValue(), 'docker network x|');
  await key('Ctrl').tap();
  await page.keyboard.type('u');
  await page.waitForFunction(() => document.querySelector('[data-terminal-input]').value === '|');
  await picture('touch-terminal');
  const heights = await page.locator('.keybar button').evaluateAll(keys => keys.map(key => key.offsetHeight));
  assert.ok(Math.min(...heights) >= 44, `${heights}`);
}
