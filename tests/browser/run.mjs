// Runs the cases of `cases/` against the built page, in Chromium.
//
//   node run.mjs SITE FILE [--chromium PATH] [--pictures FOLDER] [--lanes N] [--slow TIMES] [--everywhere] [CASE...]
//
// With `--slow`, the browser's processor is so many times slower, which shows what a case does not wait for.
// With `--everywhere`, states are kept as pictures at all sizes of window and text, which takes several minutes.
// SITE is the address of the served page, FILE that of the single file. A case is a module in `cases/` that exports
//   name           what must hold, as a sentence
//   run(page, ctx) does it, and throws if it does not hold
//   on             optional: 'site', 'file' or 'both' (the default): which shape of the page it runs against
//   tour           optional: whether the page shows its tour, as it does to those who have never been there
//   patience       optional: how many milliseconds it may take
//   alone          optional: whether it runs with nothing beside it, since it looks at the clock or at single frames
//   options        optional: Playwright's options for the browser context (viewport, colorScheme ...)
// `ctx` holds `url` (the page's address, already open), `kind` ('site' or 'file'), `problems` (what the page wrote to
// the console as errors or warnings, and what it failed to load; must be empty at the end unless the case takes entries
// out), `requests` (every address asked for), `picture(name)` (a screenshot among those of this run) and
// `everywhere` (whether that option was given).
// Names given after the options choose cases by their file's name. The last line is the count.
// Cases wait for films, timers and the page's own debouncing half of their time, so as many run side by side as there are
// processors, four at most, each in a browser context of its own.

import { mkdirSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { launch } from './browser.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    chromium: { type: 'string', default: 'chromium' },
    pictures: { type: 'string', default: 'pictures' },
    lanes: { type: 'string', default: String(Math.min(4, availableParallelism())) },
    slow: { type: 'string', default: '1' },
    everywhere: { type: 'boolean', default: false },
  },
});
const [site, file, ...chosen] = positionals;
const slow = Number(values.slow);
const everywhere = values.everywhere;
const PATIENCE = 60_000;
if (!site || !file) throw new Error('usage: node run.mjs SITE FILE [--chromium PATH] [--pictures FOLDER] [--lanes N] [--slow TIMES] [--everywhere] [CASE...]');

const folder = path.join(import.meta.dirname, 'cases');
const files = readdirSync(folder)
  .filter(name => name.endsWith('.mjs'))
  .filter(name => chosen.length === 0 || chosen.includes(path.basename(name, '.mjs')))
  .sort();

mkdirSync(values.pictures, { recursive: true });
const browser = await launch(values.chromium);
const count = { passed: 0, failed: 0 };
const runs = [];
for (const name of files) {
  const test = await import(path.join(folder, name));
  for (const [kind, url] of [['site', site], ['file', file]]) {
    if (['both', kind].includes(test.on ?? 'both')) runs.push({ test, kind, url, id: `${path.basename(name, '.mjs')}-${kind}` });
  }
}
// Those that may take longest come first, so that none is left running when all others are done.
const patience = test => test.patience ?? PATIENCE;
const together = runs.filter(({ test }) => !test.alone).sort((a, b) => patience(b.test) - patience(a.test));
const lanes = Math.min(Number(values.lanes), together.length);
await Promise.all(Array.from({ length: lanes }, async () => {
  while (together.length > 0) await judge(together.shift());
}));
for (const run of runs.filter(({ test }) => test.alone)) await judge(run);
await browser.close();
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;

async function judge({ test, kind, url, id }) {
  const start = performance.now();
  try {
    await attempt(test, kind, url, id);
    count.passed += 1;
    console.log(`ok   ${id}: ${test.name} (${seconds(start)})`);
  } catch (error) {
    count.failed += 1;
    console.log(`FAIL ${id}: ${test.name} (${seconds(start)})\n${indent(error.stack ?? String(error))}`);
  }
}

// In the page: the tour has been seen. Where storage is forbidden there is no tour either.
function seen() {
  try {
    if (localStorage.getItem('drydock.tour') === null) localStorage.setItem('drydock.tour', 'seen');
  } catch {}
}

async function attempt(test, kind, url, id) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...test.options });
  context.setDefaultTimeout(15_000 * slow);
  if (!test.tour && kind === 'site') await context.addInitScript(seen);
  try {
    const page = await context.newPage();
    if (slow > 1) await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: slow });
    const picture = name => page.screenshot({ path: path.join(values.pictures, `${name}.png`) });
    const ctx = { url, kind, picture, everywhere, problems: [], requests: [] };
    page.on('console', message => ['error', 'warning'].includes(message.type()) && ctx.problems.push(message.text()));
    page.on('pageerror', error => ctx.problems.push(String(error)));
    page.on('requestfailed', request => ctx.problems.push(`${request.url()}: ${request.failure()?.errorText}`));
    // What a page has made itself, it asks nobody for.
    page.on('request', request => request.url().startsWith('blob:') || ctx.requests.push(request.url()));
    try {
      await within(patience(test) * slow * (everywhere ? 8 : 1), (async () => {
        await page.goto(url);
        await page.waitForFunction(() => !document.querySelector('#app .loading'));
        // What a script reads of a file's storage before the page does, Chromium may keep apart, and so lose at a reload.
        if (!test.tour && kind === 'file') {
          await page.getByRole('button', { name: 'Skip the tour' }).click();
        }
        await test.run(page, ctx);
      })());
      if (ctx.problems.length > 0) throw new Error('the page complained');
    } catch (error) {
      await picture(`failed-${id}`).catch(() => {});
      error.stack = [error.stack, ...ctx.problems.map(problem => `page: ${problem}`)].join('\n');
      throw error;
    }
  } finally {
    await context.close();
  }
}

function within(limit, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${limit / 1000} s`)), limit);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

function indent(text) {
  return text.replace(/^/gm, '     ');
}
