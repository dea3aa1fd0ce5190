import assert from 'node:assert/strict';
import { comes, execute, executeAll } from '../steps.mjs';

export const name = 'a container from inside: its interfaces, routes, sockets and files; by mouse and by keys, and it goes with the container';
export const on = 'site';

export async function run(page, { picture }) {
  await executeAll(page, [
    'docker network create net-a', 'docker run -d --name web --network net-a nginx', 'docker network connect bridge web']);
  const room = page.locator('[data-inside=web]');
  const node = page.locator('[data-container=web]');
  await node.dblclick();
  await room.waitFor();
  const doors = async () => (await room.getByRole('listitem').allInnerTexts()).map(door => door.split('\n').slice(0, -1));
  await comes(doors,
    [['lo', '127.0.0.1/8 ::1/128'], ['eth0', 'net-a', '172.18.0.2/16'], ['eth1', 'bridge', '172.17.0.2/16']]);
  const said = await room.innerText();
  for (const part of ['Routes', 'default', '0.0.0.0:80', 'nameserver 127.0.0.11', 'Names on net-a']) {
    assert.ok(said.toLowerCase().includes(part.toLowerCase()), `${part} in ${said}`);
  }
  await picture('inside');
  await room.getByRole('button', { name: 'Back to the stage' }).click();
  await comes(() => room.count(), 0);

  await node.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await room.waitFor();
  await comes(() => room.evaluate(room => room === document.activeElement), true);
  await page.keyboard.press('Escape');
  await comes(() => room.count(), 0);
  await comes(() => page.evaluate(() => document.activeElement.dataset.container), 'web');

  // What it shows is of this moment, and once the container is gone there is nothing to be in.
  await node.dblclick();
  await execute(page, 'docker network disconnect net-a web');
  await page.waitForFunction(() => !document.querySelector('[data-inside=web]').innerText.includes('172.18.0.2'));
  await execute(page, 'docker rm -f web');
  await room.waitFor({ state: 'detached' });
}
