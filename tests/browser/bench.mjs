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
await crowd();
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

// The same with 300 packets among 1000 containers, and what the page's own thread spends on it; then how long a typed key
// takes to the frame that shows it, and how far what is dragged is behind the pointer.
async function crowd() {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(600_000);
  await page.goto(site);
  await page.waitForFunction(() => window.drydock && !document.querySelector('#app > .loading'));
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const spent = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(metric => metric.name === 'ScriptDuration').value * 1000;
  };
  await page.evaluate(async () => {
    for (let i = 1; i <= 20; i += 1) {
      await window.drydock.run('hostA', `docker network create n${i}`);
      await window.drydock.run('hostA', `for c in $(seq 50); do docker run -d --name n${i}-c$c --network n${i} busybox sleep 9999; done`);
    }
    const pings = Array.from({ length: 300 }, (_, i) =>
      `docker exec n${1 + i % 20}-c${1 + Math.floor(i / 20)} ping -c 1 192.168.1.50 >/dev/null &`);
    await window.drydock.run('hostA', `${pings.join(' ')} wait`);
  });
  // From its beginning, once all of it is known.
  const timeline = page.getByRole('slider', { name: 'Timeline' });
  await timeline.press('Home');
  await page.locator('.play').click();
  const before = await spent();
  const times = await page.evaluate(() => new Promise(resolve => {
    const times = [];
    const frame = time => times.push(time) < 240 ? requestAnimationFrame(frame) : resolve(times);
    requestAnimationFrame(frame);
  }));
  const script = (await spent() - before) / times.length;
  const frames = times.slice(1).map((time, i) => time - times[i]).sort((a, b) => a - b);
  print('crowd: frame time, 95th percentile', frames[Math.floor(frames.length * 0.95)], 'ms');
  print('crowd: longest frame', frames.at(-1), 'ms');
  print('crowd: scripting in a frame', script, 'ms');
  await page.evaluate(() => {
    window.late = { keys: [], drag: [] };
    const after = (list, from) => requestAnimationFrame(() => list.push(performance.now() - from));
    addEventListener('keydown', event => after(window.late.keys, event.timeStamp), true);
  });
  await page.locator('[data-terminal-input]').focus();
  for (let i = 0; i < 20; i += 1) await page.keyboard.press('a');
  const keys = await page.evaluate(() => window.late.keys.sort((a, b) => a - b));
  print('crowd: key to frame, middle', keys[keys.length >> 1], 'ms');
  const box = await page.locator('.canvas [data-container]').first().boundingBox();
  await page.mouse.move(box.x + 20, box.y + 8);
  await page.mouse.down();
  let behind = 0;
  for (let i = 1; i <= 30; i += 1) {
    await page.mouse.move(box.x + 20 + i * 8, box.y + 8 + i * 4);
    const chip = await page.locator('.dragchip').evaluate(chip => new Promise(resolve => {
      requestAnimationFrame(() => resolve(new DOMMatrix(getComputedStyle(chip).transform).e));
    }));
    const port = await page.locator('.canvas').boundingBox();
    behind = Math.max(behind, Math.abs(port.x + chip - (box.x + 20 + i * 8)));
  }
  print('crowd: drag behind the pointer', behind, 'px');
  if (process.env.BENCH_PICTURE) await page.screenshot({ path: `${process.env.BENCH_PICTURE}.crowd.png` });
  await page.close();
}

function print(name, value, unit) {
  console.log(`bench: ${name}: ${value} ${unit}`);
}
