import assert from 'node:assert/strict';
import { FETCH, SETUP } from '../steps.mjs';

export const name = 'whatever can be pressed is large enough, for a mouse and for a finger, and Tab goes through it as one reads';
export const on = 'site';

export async function run(page, { url }) {
  const context = page.context().browser();
  const small = [];
  for (const [options, least, high] of [
    [{ viewport: { width: 1440, height: 900 } }, 24, 24],
    [{ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }, 24, 44],
  ]) {
    const own = await context.newContext(options);
    await own.addInitScript(() => localStorage.setItem('drydock.tour', 'seen'));
    const page = await own.newPage();
    await page.goto(url);
    await page.locator('[data-terminal-input]').waitFor({ state: 'attached' });
    for (const line of [...SETUP, FETCH]) await page.evaluate(line => window.drydock.run('hostA', line), line);
    const look = async state => {
      const found = await page.evaluate(tooSmall, [least, high]);
      small.push(...found.map(what => `${options.viewport.width}, ${state}: ${what}`));
    };
    for (const pane of options.isMobile ? ['Stage', 'Terminal', 'Journey'] : []) {
      await page.getByRole('button', { name: pane, exact: true }).click();
      await look(pane);
    }
    for (const tab of ['journey', 'inspector', 'rules', 'events', 'editor']) {
      await page.locator(`#tab-${tab}`).click();
      await look(tab);
    }
    for (const [dialog, item] of [['starts'], ['settings', 'Settings'], ['keys', 'Keyboard shortcuts']]) {
      // What has no button on a narrow screen is in a menu there.
      if (item && options.isMobile) {
        await page.locator('[data-more]').click();
        await look('more');
        await page.getByRole('menuitem', { name: item }).click();
      } else {
        await page.locator(`[data-dialog=${dialog}]`).click();
      }
      await page.getByRole('dialog').waitFor();
      await look(dialog);
      await page.keyboard.press('Escape');
    }
    await own.close();
  }
  assert.deepEqual(small, []);

  // The order of Tab is that of the regions: top, stage, terminals (which keep Tab for themselves), side.
  const order = [];
  await page.locator('.skip').first().focus();
  for (let i = 0; i < 60 && order.at(-1) !== 'side'; i += 1) {
    const region = await page.evaluate(() => {
      const here = document.activeElement;
      return ['top', 'stagewrap', 'dock', 'side'].find(region => here.closest(`.${region}`)) ?? 'none';
    });
    if (order.at(-1) !== region) order.push(region);
    const typing = await page.evaluate(() => document.activeElement.matches('[data-terminal-input]'));
    await page.keyboard.press(typing ? 'F6' : 'Tab');
  }
  assert.deepEqual(order, ['none', 'top', 'stagewrap', 'dock', 'side']);
}

// In the page: what is smaller than it may be. A field counts with its label; the terminals' edge has buttons that do the
// same; a hop's number answers beyond its edge.
function tooSmall([least, high]) {
  const all = document.querySelectorAll('button, a[href], input, select, textarea, summary, [role=slider]');
  const seen = [...all].filter(e => e.checkVisibility() && !e.closest('svg') && !e.matches('.skip'));
  const found = seen.flatMap(e => {
    const target = e.closest('label') ?? (e.matches('textarea') ? e.closest('.term, .code') : null) ?? e;
    const box = target.getBoundingClientRect();
    const [width, height] = [Math.round(box.width), Math.round(box.height)];
    const main = e.closest('.top, .nav, .transport, .keybar, .menu, .seg') && e.matches('button');
    const fits = width >= least && height >= (main ? high : least);
    return width === 0 || fits ? [] : [`${e.className || e.tagName} ${e.ariaLabel ?? e.textContent} ${width}x${height}`];
  });
  return [...new Set(found)];
}
