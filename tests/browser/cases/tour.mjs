import assert from 'node:assert/strict';
import { comes, execute, finish, type } from '../steps.mjs';

export const name = 'whoever comes for the first time is shown around, may type meanwhile, and is never shown around again';
export const tour = true;

const card = page => page.getByRole('region', { name: 'Tour' });

export async function run(page) {
  await card(page).waitFor();
  await comes(() => card(page).innerText(), /1 of 5/i);
  // Who is told to type, and types, is shown the stage; then what is played there, and after that why it went so.
  const at = stop => comes(() => card(page).innerText(), new RegExp(`${stop} of 5`, 'i'));
  await execute(page, 'docker network create net-a');
  await at(2);
  await type(page, 'ping -c 1 192.168.1.1');
  await at(3);
  await finish(page);
  for (let stop = 4; stop <= 5; stop += 1) {
    await at(stop);
    const box = await card(page).boundingBox();
    assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 1440 && box.y + box.height <= 900, `stop ${stop} is in view`);
    await card(page).locator('.p').press('Enter');
  }
  await comes(() => card(page).count(), 0);
  const focused = () => page.evaluate(() => document.activeElement.dataset.terminalInput);
  await comes(focused, 'hostA', 'the tour leaves one where commands are typed');
  await page.locator('[data-dialog=keys]').click();
  await page.getByRole('button', { name: 'Show the tour' }).click();
  await page.getByRole('button', { name: 'Skip the tour' }).click();
  await comes(focused, 'hostA', 'also if it is skipped');
  await page.reload();
  await page.locator('[data-terminal-input]').waitFor();
  await comes(() => card(page).count(), 0);
}
