import { comes, execute, finish, names } from '../steps.mjs';

export const name = 'a start is chosen, its next line typed, and what it replaced comes back; so does what a reset took';
export const on = 'site';
export const options = { reducedMotion: 'reduce' };

const toast = page => page.locator('.toast');

export async function run(page) {
  await execute(page, 'docker run -d --name mine nginx');
  await page.locator('.pick').click();
  await page.locator('[data-start=exercise]').click();
  await page.locator('[data-container=serviceB]').waitFor();
  await comes(() => names(page, 'data-container'), ['serviceA', 'serviceB']);
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await page.locator('[data-container=mine]').waitFor();
  await comes(() => names(page, 'data-container'), ['mine']);

  // With the terminal that was worked in, also where the start worked in another.
  await page.locator('.pick').click();
  await page.locator('[data-start=ports]').click();
  await page.locator('.tpane.on [data-terminal=laptop]').waitFor();
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await page.locator('.tpane.on [data-terminal=hostA]').waitFor();
  await comes(() => names(page, 'data-container'), ['mine']);

  await page.locator('.pick').click();
  await page.getByRole('searchbox', { name: /^Search/ }).fill('works here');
  await comes(() => page.locator('[data-start]').evaluateAll(all => all.map(s => s.dataset.start)), ['loopback']);
  await page.keyboard.press('Enter');
  await page.locator('[data-next]').click();
  await finish(page);
  await page.locator('[data-explanation]').waitFor();

  await page.getByRole('button', { name: 'Reset the lab' }).click();
  await comes(() => names(page, 'data-container'), ['web'], 'back to where it began');
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await page.locator('.cmdline', { hasText: '192.168.1.10' }).waitFor();
}
