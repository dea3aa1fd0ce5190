// Measures the page in Chromium and prints lines `bench: NAME: VALUE UNIT` for `cargo xtask bench`.
//
//   node bench.mjs SITE BENCHES [--chromium PATH]
//
// SITE is the address of the page, BENCHES that of a program whose `measures()` returns such lines.

import { parseArgs } from 'node:util';
import { launch } from './browser.mjs';

const { values, positionals: [site, benches] } = parseArgs({
  allowPositionals: true,
  options: { chromium: { type: 'string', default: 'chromium' } },
});
const browser = await launch(values.chromium);
await startup();
await simulator();
await film();
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

// What needs no page, run by a program that carries only the simulator.
async function simulator() {
  const page = await browser.newPage();
  await page.goto(benches);
  const lines = await page.evaluate(async () => {
    const program = await import('./program.js');
    await program.default();
    return program.measures();
  });
  process.stdout.write(lines);
  await page.close();
}

// How long frames take while the packets of 50 containers travel among 60 on the stage.
async function film() {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(120_000);
  await page.goto(site);
  await page.waitForFunction(() => window.drydock && !document.querySelector('#app > .loading'));
  const times = await page.evaluate(async ({ containers, packets }) => {
    const names = Array.from({ length: containers }, (_, i) => `c${i}`);
    for (const name of names) await window.drydock.run('hostA', `docker run -d --name ${name} busybox sleep 9999`);
    const pings = names.slice(0, packets).map(name => `docker exec ${name} ping -c 1 192.168.1.50 &`);
    // Not awaited: what is measured is the time while it travels.
    window.drydock.run('hostA', `${pings.join(' ')} wait`);
    const times = [];
    await new Promise(resolve => {
      const frame = time => times.push(time) < 300 ? requestAnimationFrame(frame) : resolve();
      requestAnimationFrame(frame);
    });
    return times;
  }, { containers: 60, packets: 50 });
  const frames = times.slice(1).map((time, i) => time - times[i]).sort((a, b) => a - b);
  print('frame time, 95th percentile', frames[Math.floor(frames.length * 0.95)], 'ms');
  if (process.env.BENCH_PICTURE) await page.screenshot({ path: process.env.BENCH_PICTURE });
  await page.close();
}

function print(name, value, unit) {
  console.log(`bench: ${name}: ${value} ${unit}`);
}
