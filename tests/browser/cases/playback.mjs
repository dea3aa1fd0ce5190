import assert from 'node:assert/strict';
import { comes, execute, finish, names, playback, type } from '../steps.mjs';

export const name = 'playback shows the stage of its moment, the same picture forwards and backwards';
export const on = 'site';
export const patience = 180_000;

export async function run(page) {
  await execute(page, 'docker network create net-a');
  await execute(page, 'docker run -d --name web --network net-a nginx');
  // The container is gone before the last packet has been seen.
  await type(page, 'docker run --name probe --network net-a busybox wget -qO- http://web; docker rm probe');
  await finish(page);
  assert.deepEqual(await names(page, 'data-container'), ['web']);
  // Both in one look, so that they belong together.
  const look = () => page.evaluate(() => [
    document.querySelector('[role=slider][aria-label=Timeline]').getAttribute('aria-valuenow'),
    document.querySelector('.canvas svg[role=group]').innerHTML,
  ]);
  await playback(page, 'Home');
  const seen = new Map();
  let probe = false;
  for (let i = 0; i < 40; i += 1) {
    await playback(page, 'ArrowRight');
    seen.set(...await look());
    probe ||= (await names(page, 'data-container')).includes('probe');
  }
  assert.ok(probe, 'the container that is gone is seen again');
  for (let i = 0; i < 39; i += 1) {
    await playback(page, 'ArrowLeft');
    const [now, picture] = await look();
    assert.equal(picture, seen.get(now), `at step ${now}`);
  }

  // Where the film is, its command's own terminal says.
  const note = page.locator('.termbox .note');
  const tab = name => page.locator('.tab', { hasText: name }).first().click();
  await comes(() => note.count(), 1);
  // The keys that it names do so while nothing is typed, and are letters of a line otherwise.
  const field = page.locator('.tpane.on [data-terminal-input]');
  await field.press('Space');
  await comes(() => note.innerText(), /Playing/);
  await field.press('Space');
  await comes(() => note.innerText(), /Paused/);
  const before = await look();
  await field.press('.');
  await comes(async () => (await look())[0] === before[0], false);
  await field.pressSequentially('ls .');
  await comes(() => field.inputValue(), 'ls .');
  await field.fill('');
  await tab('laptop');
  await comes(() => note.count(), 0, 'the laptop has run no command');
  await tab('hostA');
  await comes(() => note.count(), 1);
}
