import assert from 'node:assert/strict';
import { comes, screen } from '../steps.mjs';

export const name = 'settings are changed by keyboard, take effect at once and are kept';

const root = (page, name) => page.evaluate(name => document.documentElement.getAttribute(name), name);
const gear = page => page.locator('[data-dialog=settings]');

export async function run(page, { requests }) {
  // The second half of the program may still be on its way.
  const asked = () => requests.filter(request => !request.includes('drydock_rest')).length;
  const before = asked();
  await gear(page).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Settings' });
  await dialog.getByRole('group', { name: 'Theme' }).getByRole('button', { name: 'Light' }).press('Enter');
  await comes(() => root(page, 'data-theme'), 'light');
  await dialog.getByRole('button', { name: '150 %' }).press('Enter');
  await comes(() => page.evaluate(() => getComputedStyle(document.documentElement).fontSize), '24px');
  await dialog.getByRole('group', { name: 'Motion' }).getByRole('button', { name: 'Reduced' }).press('Enter');
  await dialog.getByRole('group', { name: 'Single-letter shortcuts' }).getByRole('button', { name: 'Off' }).press('Enter');
  await page.keyboard.press('Escape');
  await comes(() => page.evaluate(() => document.activeElement.dataset.dialog), 'settings', 'focus comes back');
  await page.keyboard.press('?');
  await comes(() => page.getByRole('dialog').count(), 0, 'no letter is a shortcut');
  assert.equal(asked(), before, 'nobody was asked for anything');

  await gear(page).click();
  await page.locator('#language').selectOption('de');
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
  await comes(() => root(page, 'lang'), 'de');
  await page.keyboard.press('Escape');
  await comes(() => page.evaluate(() => document.activeElement.dataset.dialog), 'settings', 'also in another language');
  await page.reload();
  await page.getByRole('button', { name: 'Einstellungen' }).waitFor();
  await comes(async () => [await root(page, 'data-theme'), await root(page, 'data-size')], ['light', '150']);
  await comes(() => screen(page), /^$/);
}
