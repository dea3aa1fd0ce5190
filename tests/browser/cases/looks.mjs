import assert from 'node:assert/strict';
import { FETCH, SETUP, execute, executeAll, finish, overlaps } from '../steps.mjs';

export const name = 'in both themes and every size, nothing overflows and no texts on the stage overlap';
export const on = 'site';
export const options = { reducedMotion: 'reduce' };

const SIZES = [[1440, 900], [1024, 768], [390, 844], [320, 640]];

export async function run(page, { picture }) {
  await seen(page, picture, 'empty');
  await executeAll(page, SETUP);
  await seen(page, picture, 'idle');
  await execute(page, FETCH);
  await finish(page);
  await seen(page, picture, 'explained');
}

async function seen(page, picture, state) {
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(250);
      await picture(`${state}-${colorScheme}-${width}`);
      const where = `${state}, ${colorScheme}, ${width}x${height}`;
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${where}: ${wide} pixels wider than the window`);
      assert.deepEqual(await overlaps(page), [], where);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}
