// What a person does at the page, for the cases: typing with real keys, and reading what is seen.

import assert from 'node:assert/strict';
import { inspect, isDeepStrictEqual } from 'node:util';

export const SETUP = [
  'docker network create net-a',
  'docker network create net-b',
  'docker run -d --name serviceA --network net-a nginx',
  'docker run -d --name serviceB --network net-b curlimages/curl sleep 3600',
];
export const FETCH = 'docker exec serviceB curl http://serviceA';
export const CONNECT = 'docker network connect net-b serviceA';

const field = page => page.locator('[data-terminal-input]');
const timeline = page => page.getByRole('slider', { name: 'Timeline' });

/** Types a line into the terminal in front and presses Enter; what it sends is still travelling afterwards. */
export async function type(page, line) {
  const before = await commands(page);
  await field(page).focus();
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
  await page.waitForFunction(count => document.querySelectorAll('.lines .cmdline').length > count, before);
}

/** Waits until the command is over, hurrying its film along; returns what it printed. */
export async function finish(page) {
  for (let i = 0; i < 300 && await page.locator('[data-busy=true]').count() > 0; i += 1) {
    await timeline(page).press('End');
    await page.waitForTimeout(50);
  }
  if (await page.locator('[data-busy=true]').count() > 0) throw new Error('the command never ends');
  return output(page);
}

/** Types a line and waits until it is over; returns what it printed. */
export async function execute(page, line) {
  await type(page, line);
  return finish(page);
}

/** Types lines one after the other. */
export async function executeAll(page, lines) {
  for (const line of lines) await execute(page, line);
}

/** What the last command has printed so far, as it is seen. */
export function output(page) {
  return page.locator('.lines').evaluate(lines => {
    const all = [...lines.querySelectorAll('.ln')];
    const last = all.findLastIndex(line => line.classList.contains('cmdline'));
    return all.slice(last + 1).map(line => line.textContent).join('\n');
  });
}

/** The whole terminal in front, as it is seen. */
export function screen(page) {
  return page.locator('.lines').innerText();
}

/** The names in an attribute of the stage, in alphabetical order. */
export async function names(page, attribute) {
  const found = await page.locator(`.canvas [${attribute}]`).evaluateAll(
    (nodes, attribute) => nodes.map(node => node.getAttribute(attribute)), attribute);
  return [...new Set(found)].sort();
}

/** Waits until a container's node on the stage speaks of every one of these words. */
export function saysOfItself(page, container, ...words) {
  return page.waitForFunction(([container, words]) => {
    const label = document.querySelector(`[data-container="${container}"]`)?.getAttribute('aria-label') ?? '';
    return words.every(word => label.includes(word));
  }, [container, words]);
}

/** Presses a key with the timeline in focus, and lets the page draw what follows from it. */
export async function playback(page, key) {
  await timeline(page).press(key);
  await page.evaluate(() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

/** Where playback stands, as the timeline tells screen readers. */
export function position(page) {
  return timeline(page).getAttribute('aria-valuetext');
}

async function commands(page) {
  return page.locator('.lines .cmdline').count();
}

/** Waits until what is read is as wanted: a value, a pattern, or what a function says yes to. Returns what was read. */
export async function comes(read, wanted, message) {
  const fits = typeof wanted === 'function' ? wanted
    : found => wanted instanceof RegExp ? wanted.test(found) : isDeepStrictEqual(found, wanted);
  const end = Date.now() + 10_000;
  for (;;) {
    const found = await read();
    if (fits(found)) return found;
    if (Date.now() > end) assert.fail(`${message ?? 'it does not come to pass'}: ${inspect(found)}, not ${wanted instanceof RegExp ? wanted : inspect(wanted)}`);
    await new Promise(later => setTimeout(later, 50));
  }
}

/** Waits until a pattern is not found any more in what is read. */
export function goes(read, pattern, message) {
  return comes(read, found => !pattern.test(found), message ?? `${pattern} goes`);
}

/** Pairs of texts on the stage that cover each other, and texts that stick out of their container. */
export function overlaps(page) {
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
