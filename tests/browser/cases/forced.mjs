import assert from 'node:assert/strict';
import { execute, executeAll, playback, SETUP } from '../steps.mjs';

export const name = 'in forced colours, what is ahead of a packet looks other than what is behind it';
export const on = 'site';
export const options = { forcedColors: 'active', reducedMotion: 'reduce' };

export async function run(page, { picture }) {
  await executeAll(page, SETUP);
  await execute(page, 'docker exec serviceB ping -c 1 192.168.1.1');
  await playback(page, 'Home');
  for (let i = 0; i < 3; i += 1) await playback(page, 'ArrowRight');
  const border = state => page.locator(`.hop.${state} .no`).first().evaluate(number => getComputedStyle(number).borderTopStyle);
  assert.deepEqual([await border('done'), await border('todo')], ['solid', 'dashed']);
  await picture('forced');
}
