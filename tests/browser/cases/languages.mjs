import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MARK, pseudo } from '../pseudo.mjs';
import { FETCH, SETUP, comes, execute, executeAll } from '../steps.mjs';

export const name = 'nothing that the page says is left in English in another language, and longer texts have room';
export const on = 'site';
export const tour = true;
export const options = { reducedMotion: 'reduce', locale: 'de-DE' };

const ENGLISH = readFileSync(path.join(import.meta.dirname, '../../../web/messages/en.txt'), 'utf8');

export async function run(page, { picture, requests }) {
  await comes(() => page.evaluate(() => document.documentElement.lang), 'de', 'as the browser asks');
  assert.equal(requests.filter(url => url.includes('/messages/')).length, 1, 'only the language spoken is fetched');
  await page.locator('[data-dialog=keys]').click();
  const keys = await page.locator('dialog kbd').allTextContents();
  assert.deepEqual(keys.slice(1, 3), ['.', ','], 'a key is called by its sign, also where numbers have a comma');
  await page.keyboard.press('Escape');
  await page.route('**/messages/de.txt*', route => route.fulfill({ contentType: 'text/plain; charset=utf-8', body: pseudo(ENGLISH) }));
  await page.reload();
  await page.locator('[data-terminal-input]').waitFor();
  const left = [];
  const check = async state => {
    await picture(`pseudo-${state}`);
    for (const text of await page.evaluate(english, MARK)) left.push(`${state}: ${text}`);
    for (const text of await page.evaluate(clipped)) left.push(`${state}: clipped: ${text}`);
  };
  await check('tour');
  await page.locator('.tour .btn').first().click();
  await page.locator('.pick').click();
  await check('starts');
  await page.keyboard.press('Escape');
  await page.locator('[data-dialog=settings]').click();
  await check('settings');
  await page.keyboard.press('Escape');
  await page.locator('[data-dialog=keys]').click();
  await check('keys');
  await page.keyboard.press('Escape');
  await executeAll(page, SETUP);
  await execute(page, FETCH);
  for (const tab of ['journey', 'inspector', 'rules', 'events']) {
    await page.locator(`#tab-${tab}`).click();
    await check(tab);
  }
  await page.locator('[data-container=serviceA]').first().click();
  await check('chosen');
  await page.locator('[data-image]').or(page.locator('.make .btn').first()).first().click();
  await check('images');
  await page.locator('#tab-editor').click();
  await check('editor');
  // What the lab says as well, and what is in a list, is looked at here.
  for (const text of await page.locator('.ehead optgroup option').allTextContents()) {
    if (!text.includes(MARK)) left.push(`examples: ${text}`);
  }
  await page.locator('.pick').click();
  await page.locator('[data-start=swarm]').click();
  await comes(() => page.locator('.dock [role=tab]').count(), n => n > 3);
  for (const text of await page.locator('.dock [role=tab]').allTextContents()) {
    if (/manager|worker/.test(text)) left.push(`tab: ${text}`);
  }
  await check('swarm');
  assert.deepEqual(left, []);
}

// In the page: what is seen or read out, without the mark, and is neither typed, nor printed, nor said by the lab.
async function english(mark) {
  const lab = JSON.stringify([await window.drydock.topology(), await window.drydock.journeys()]);
  const foreign = 'code, kbd, pre, dt, .lines, .entry, [lang=en], option, datalist, table, .chip, .ns, .img, .saved';
  const found = new Set();
  const look = (element, text) => {
    const said = text.trim();
    const technical = /^(Drydock|TCP|UDP|ping|iptables-save|compose.yaml|VXLAN|.*VNI \d+|FWD.*|dns|docker .*|\w+ v6)$/;
    if (said.includes(mark) || technical.test(said)) return;
    // The lab's words may stand side by side: a name and its address, a hook and its tables.
    const parts = said.replace(/…$/, '').split(/, | · |\s(?=\d)/);
    if (parts.every(part => !/\p{L}{2}/u.test(part) || lab.includes(part.trim()))) return;
    if (element.closest(foreign) || !element.checkVisibility()) return;
    found.add(said);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) look(walker.currentNode.parentElement, walker.currentNode.data);
  for (const name of ['aria-label', 'title', 'placeholder']) {
    for (const element of document.querySelectorAll(`[${name}]`)) look(element, element.getAttribute(name));
  }
  return [...found];
}

// In the page: buttons and headings whose text does not fit, unless they end in an ellipsis.
function clipped() {
  const parts = [...document.querySelectorAll('button, h1, h2, h3, p, small, label')].filter(e => e.checkVisibility());
  const wide = parts.filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline' && !e.matches('.vh'));
  const whole = document.documentElement.scrollWidth > window.innerWidth ? ['the page'] : [];
  return whole.concat(wide.filter(e => !e.closest('.pick')).map(e => e.textContent));
}
