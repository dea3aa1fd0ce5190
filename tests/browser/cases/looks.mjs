import assert from 'node:assert/strict';
import { FETCH, SETUP, executeAll, execute, finish } from '../steps.mjs';

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

// Pairs of texts on the stage that cover each other, and texts that stick out of their container.
function overlaps(page) {
  return page.locator('.canvas svg[role=group]').evaluate(stage => {
    const texts = [...stage.querySelectorAll('text')].filter(text => text.textContent.trim() !== '');
    const boxes = texts.map(text => ({ text, says: text.textContent, at: text.getBoundingClientRect() }));
    const found = [];
    boxes.forEach((a, i) => {
      for (const b of boxes.slice(i + 1)) {
        const x = Math.min(a.at.right, b.at.right) - Math.max(a.at.left, b.at.left);
        const y = Math.min(a.at.bottom, b.at.bottom) - Math.max(a.at.top, b.at.top);
        // Line boxes touch where glyphs do not: a third of the lower text's height is no overlap yet.
        if (x > 1 && y > Math.min(a.at.height, b.at.height) / 3) found.push(`${a.says} | ${b.says}`);
      }
      const box = a.text.closest('[data-container]')?.querySelector('.box').getBoundingClientRect();
      if (box && (a.at.right > box.right + 1 || a.at.left < box.left - 1)) found.push(`${a.says} sticks out`);
    });
    return found;
  });
}
