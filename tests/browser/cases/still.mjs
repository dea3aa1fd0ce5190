import assert from 'node:assert/strict';
import { CONNECT, FETCH, SETUP, execute, executeAll, finish, type } from '../steps.mjs';

export const name = 'nothing shifts by itself: while the page opens, a command runs, a film plays and notices come and go';
export const on = 'site';
export const alone = true;

export async function run(page, { url }) {
  await page.addInitScript(() => {
    window.shifts = [];
    new PerformanceObserver(list => {
      for (const shift of list.getEntries()) {
        // The list of hops opens where playback is: that is its point.
        const moved = shift.sources.filter(s => !(s.node?.parentElement ?? s.node)?.closest('.jpanel'));
        if (!shift.hadRecentInput && moved.length > 0) window.shifts.push([shift.value, ...moved.map(s => `${(s.node?.parentElement ?? s.node)?.className} ${s.node?.textContent.slice(0, 40)}`)].join(' '));
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(url);
  await page.locator('[data-terminal-input]').waitFor();
  const still = async state => assert.deepEqual(await page.evaluate(() => window.shifts), [], state);
  await page.waitForTimeout(700);
  await still('open');
  await executeAll(page, SETUP);
  await type(page, FETCH);
  await page.waitForTimeout(1500);
  await still('playing');
  await finish(page);
  await page.waitForTimeout(700);
  await still('explained');
  await execute(page, CONNECT);
  await page.waitForTimeout(700);
  await still('connected');
}
