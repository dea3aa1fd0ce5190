import { comes, execute, finish, names, playback, position, type } from '../steps.mjs';

export const name = 'a container that is removed while its packets are under way: they end, the film goes both ways, nothing breaks';
export const on = 'site';
export const patience = 180_000;

export async function run(page, { picture }) {
  await execute(page, 'docker network create net-a');
  await execute(page, 'docker run -d --name web --network net-a nginx');
  await execute(page, 'docker run -d --name probe --network net-a busybox sleep 1d');
  // Chosen, seen from inside, and with a terminal in it, so that all of these lose what they show.
  await page.getByRole('button', { name: 'New terminal' }).click();
  await page.getByRole('menuitem', { name: 'Shell in probe' }).click();
  await page.locator('.tpane.on [data-terminal=probe]').waitFor();
  await page.locator('.tab', { hasText: 'hostA' }).first().click();
  await page.locator('[data-container=probe]').dblclick();
  await page.locator('[data-inside=probe]').waitFor();
  await type(page, 'docker exec probe ping -i 0.01 web >/dev/null & sleep 0.1; docker rm -f probe; curl -m 1 http://192.168.1.1');
  await page.locator('[data-inside]').waitFor({ state: 'detached' });
  await finish(page);
  await comes(() => names(page, 'data-container'), ['web']);
  await comes(() => page.locator('.tab', { hasText: 'probe' }).count(), 0, 'its terminal is closed');

  // Every step of the film forwards, and some of them back; it stands on the stage as long as it lives.
  await playback(page, 'Home');
  await comes(() => names(page, 'data-container'), ['probe', 'web']);
  await picture('removed-under-way');
  for (let i = 0; i < 400 && (await names(page, 'data-container')).includes('probe'); i += 1) await playback(page, 'ArrowRight');
  await comes(() => names(page, 'data-container'), ['web']);
  await picture('removed');
  const there = await position(page);
  for (let i = 0; i < 5; i += 1) await playback(page, 'ArrowLeft');
  for (let i = 0; i < 5; i += 1) await playback(page, 'ArrowRight');
  await comes(() => position(page), there);
  // What it sent is still told, hop by hop.
  await page.locator('#tab-events').click();
  await page.locator('.event', { hasText: 'probe' }).first().click();
  await page.locator('#tab-journey').click();
  await page.locator('[data-hop][aria-current=step]').waitFor();
}
