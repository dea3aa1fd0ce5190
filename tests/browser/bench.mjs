// Measures the page in Chromium and prints lines `bench: NAME: VALUE UNIT` for `cargo xtask bench`.
//
//   node bench.mjs SITE [--chromium PATH]
//
// What only the page can measure comes from `window.drydock.bench()`, a promise of a list of `{name, value, unit}`.

import { parseArgs } from 'node:util';
import { launch } from './browser.mjs';

const { values, positionals: [site] } = parseArgs({
  allowPositionals: true,
  options: { chromium: { type: 'string', default: 'chromium' } },
});
const browser = await launch(values.chromium);
await startup();
await inPage();
await browser.close();

// The middle of five starts, each in a context of its own, so that nothing is cached.
async function startup() {
  const times = [];
  for (let i = 0; i < 5; i += 1) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.goto(site, { waitUntil: 'commit' });
    // A prompt is usable once a terminal takes keys; before there are terminals, once the page has drawn itself.
    const usable = '[data-terminal] :is(input, textarea, [tabindex]), #app > :not(.loading, noscript)';
    await page.waitForSelector(usable, { state: 'attached' });
    times.push(await page.evaluate(() => performance.now()));
    await context.close();
  }
  print('usable prompt, CPU slowed 4 times', times.sort((a, b) => a - b)[2], 'ms');
}

async function inPage() {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(120_000);
  await page.goto(site);
  await page.waitForFunction(() => !document.querySelector('#app > .loading'));
  const measures = await page.evaluate(() => window.drydock?.bench?.());
  if (!measures) console.log('the page offers no window.drydock.bench');
  for (const { name, value, unit } of measures ?? []) print(name, value, unit);
}

function print(name, value, unit) {
  console.log(`bench: ${name}: ${value} ${unit}`);
}
