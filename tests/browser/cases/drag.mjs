import assert from 'node:assert/strict';
import { SETUP, comes, executeAll, finish, goes, saysOfItself, screen } from '../steps.mjs';

export const name = 'dragging a container onto a network, or choosing it in the menu, types the command';

const COMMAND = 'docker network connect net-b serviceA';

export async function run(page, { picture, kind }) {
  await executeAll(page, SETUP);
  const container = page.locator('[data-container=serviceA]');
  const network = page.locator('[data-network=net-b]');

  // Escape backs out: nothing is typed.
  await lift(page, container, network);
  const promise = page.locator('.transport');
  await comes(() => promise.innerText(), new RegExp(COMMAND));
  await comes(() => page.locator('.ctr.preview').innerHTML(), /172\.19\.0\.3/);
  await picture(`drag-${kind}`);
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await comes(() => page.locator('.ctr.preview').count(), 0);
  await goes(() => screen(page), new RegExp(COMMAND));

  // With the mouse.
  await lift(page, container, network);
  await page.mouse.up();
  await saysOfItself(page, 'serviceA', '172.18.0.2', '172.19.0.3');
  await finish(page);
  await comes(() => screen(page), new RegExp(`root@hostA:~# ${COMMAND}$`, 'm'));
  await comes(() => page.locator('.toast').innerText(), /serviceA connected to net-b/);

  // The toast takes it back.
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await page.waitForFunction(() => !document.querySelector('[data-container=serviceA]').ariaLabel.includes('172.19.0.3'));
  await goes(() => screen(page), new RegExp(COMMAND));

  // Holding Shift moves it, and empty ground unplugs it.
  await lift(page, container, network);
  await page.keyboard.down('Shift');
  await page.mouse.move(...(await center(network)), { steps: 2 });
  await comes(() => promise.innerText(), /disconnect net-a serviceA ; docker network connect net-b serviceA/);
  const hidden = await promise.locator('code').evaluate(code => [code.scrollWidth - code.clientWidth, code.scrollHeight - code.clientHeight]);
  assert.ok(hidden.every(pixels => pixels <= 0), `what would be typed is cut off: ${hidden}`);
  await comes(() => page.locator('.words').allTextContents(), found => /leaves it/.test(found) && /release to move serviceA/.test(found));
  await comes(() => page.locator('.ctr.preview').textContent(), /eth0/);
  await page.mouse.up();
  await page.keyboard.up('Shift');
  await comes(() => page.locator('.toast').innerText(), /serviceA moved to net-b/);
  await saysOfItself(page, 'serviceA', 'on net-b');
  // Both of its lines are taken back at once.
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await saysOfItself(page, 'serviceA', 'on net-a');
  await lift(page, container, network);
  const [x, y] = await center(page.locator('[data-machine=hostA] .host'));
  const host = await page.locator('[data-machine=hostA] .host').boundingBox();
  await page.mouse.move(x, y, { steps: 2 });
  await page.mouse.move(host.x + 6, host.y + host.height - 6, { steps: 4 });
  await comes(() => promise.innerText(), /docker network disconnect net-a serviceA/);
  await page.keyboard.press('Escape');
  await page.mouse.up();

  // With the keyboard.
  await container.focus();
  await page.keyboard.press('c');
  const item = page.getByRole('menuitem', { name: 'net-b' });
  await item.hover();
  await comes(() => item.innerText(), new RegExp(COMMAND));
  await item.press('Enter');
  await saysOfItself(page, 'serviceA', '172.18.0.2', '172.19.0.3');
  await comes(() => screen(page), new RegExp(`root@hostA:~# ${COMMAND}$`, 'm'));
}

async function center(node) {
  const box = await node.boundingBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

async function lift(page, from, to) {
  const [start, end] = [await from.boundingBox(), await to.boundingBox()];
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 8 });
}
