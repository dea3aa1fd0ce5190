import assert from 'node:assert/strict';
import { SETUP, executeAll, finish, saysOfItself, screen } from '../steps.mjs';

export const name = 'dragging a container onto a network, or choosing it in the menu, types the command';

const COMMAND = 'docker network connect net-b serviceA';

export async function run(page, { picture, kind }) {
  await executeAll(page, SETUP);
  const container = page.locator('[data-container=serviceA]');
  const network = page.locator('[data-network=net-b]');

  // Escape backs out: nothing is typed.
  await lift(page, container, network);
  const promise = page.locator('.transport');
  assert.match(await promise.innerText(), new RegExp(COMMAND));
  await picture(`drag-${kind}`);
  await page.keyboard.press('Escape');
  await page.mouse.up();
  assert.doesNotMatch(await screen(page), new RegExp(COMMAND));

  // With the mouse.
  await lift(page, container, network);
  await page.mouse.up();
  await saysOfItself(page, 'serviceA', '172.18.0.2', '172.19.0.3');
  await finish(page);
  assert.match(await screen(page), new RegExp(`root@hostA:~# ${COMMAND}$`, 'm'));
  assert.match(await page.locator('.toast').innerText(), /serviceA connected to net-b/);

  // The toast takes it back.
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await page.waitForFunction(() => !document.querySelector('[data-container=serviceA]').ariaLabel.includes('172.19.0.3'));
  assert.doesNotMatch(await screen(page), new RegExp(COMMAND));

  // With the keyboard.
  await container.focus();
  await page.keyboard.press('c');
  const item = page.getByRole('menuitem', { name: 'net-b' });
  await item.hover();
  assert.match(await item.innerText(), new RegExp(COMMAND));
  await item.press('Enter');
  await saysOfItself(page, 'serviceA', '172.18.0.2', '172.19.0.3');
  assert.match(await screen(page), new RegExp(`root@hostA:~# ${COMMAND}$`, 'm'));
}

async function lift(page, from, to) {
  const [start, end] = [await from.boundingBox(), await to.boundingBox()];
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 8 });
}
