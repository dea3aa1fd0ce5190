// Measures the page in Chromium and prints lines `bench: NAME: VALUE UNIT` for `cargo xtask bench`; its other lines tell
// what it is doing.
//
//   node bench.mjs SITE BENCHES [--chromium PATH] [WORD...]
//
// SITE is the address of the page, BENCHES that of a program whose `steps()` are run one by one by `measures(step)`, which
// returns such lines. WORDs choose the steps whose names hold one of them. With BENCH_PICTURE=PATH a picture of each scene
// is kept.
//
// Each step has a browser of its own and a limit of time; one that fails or is late is told, and the next one begins.
// Frames are measured by the clock, as a person sees them, so that a busy machine makes them longer. What the page itself
// does for a frame is measured beside them, in processor time of its thread, which other programs hardly change.

import { parseArgs } from 'node:util';
import { launch } from './browser.mjs';

const { values, positionals: [site, benches, ...words] } = parseArgs({
  allowPositionals: true,
  options: { chromium: { type: 'string', default: 'chromium' } },
});
const VIEW = { viewport: { width: 1440, height: 900 } };
const start = performance.now();
const failures = [];

await step('usable prompt', 60, startup);
await simulator();
await step('60 containers, 50 packets', 60, film);
await step('1000 containers, 300 packets', 240, crowd);
if (failures.length > 0) {
  console.log(`not measured:\n${failures.map(failure => `  ${failure}`).join('\n')}`);
  process.exitCode = 1;
}

// Does one step with a browser of its own, within so many seconds.
async function step(name, seconds, work) {
  if (name !== '' && words.length > 0 && !words.some(word => name.includes(word))) return;
  tell(name);
  const browser = await launch(values.chromium);
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${seconds} s`)), seconds * 1000);
  });
  try {
    await Promise.race([work(browser), late]);
  } catch (error) {
    failures.push(`${name}: ${error.message}`);
    tell(`${name}: ${error.message}`);
  } finally {
    clearTimeout(timer);
    // A page that is busy does not close by itself.
    await Promise.race([browser.close(), new Promise(resolve => setTimeout(resolve, 5000))]);
  }
}

// In the page: notes when the frame was drawn that shows the first terminal which takes keys, so that the time that it takes
// this program to hear of it does not count.
function noteFrame(selector) {
  new MutationObserver((_, observer) => {
    if (!document.querySelector(selector)) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.firstFrame = performance.now(); }));
  }).observe(document, { childList: true, subtree: true });
}

// The middle of five starts, each in a context of its own, so that nothing is cached.
async function startup(browser) {
  const times = [];
  for (let i = 0; i < 5; i += 1) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.addInitScript(noteFrame, '[data-terminal-input]');
    await page.goto(site, { waitUntil: 'commit' });
    await page.waitForFunction(() => window.firstFrame !== undefined);
    times.push(await page.evaluate(() => window.firstFrame));
    tell(`start ${i + 1} of 5: ${times.at(-1).toFixed(0)} ms`);
    await context.close();
  }
  print('usable prompt, CPU slowed 4 times', middle(times), 'ms');
}

// What needs no page, run by a program that carries only the simulator.
async function simulator() {
  let names = [];
  await step('', 20, async browser => {
    names = await inProgram(browser, program => program.steps().trim().split('\n'));
  });
  for (const [i, name] of names.entries()) {
    await step(name, 100, async browser => {
      process.stdout.write(await inProgram(browser, (program, i) => program.measures(i), i));
    });
  }
}

async function inProgram(browser, work, argument) {
  const page = await browser.newPage();
  page.on('console', message => message.type() === 'log' && tell(message.text()));
  page.setDefaultTimeout(0);
  await page.goto(benches);
  return page.evaluate(`(async () => {
    const program = await import('./program.js');
    await program.default();
    return (${work})(program, ${argument});
  })()`);
}

// How long frames take while the packets of 50 containers travel among 60 on the stage.
async function film(browser) {
  const page = await opened(browser);
  await page.evaluate(async () => {
    const names = Array.from({ length: 60 }, (_, i) => `c${i}`);
    for (const name of names) await window.drydock.run('hostA', `docker run -d --name ${name} busybox sleep 9999`);
    const pings = names.slice(0, 50).map(name => `docker exec ${name} ping -c 1 192.168.1.50 >/dev/null &`);
    await window.drydock.run('hostA', `${pings.join(' ')} wait`);
  });
  await play(page, '60 containers');
}

// The same with 300 packets among 1000 containers; then how long a typed key takes to the frame that shows it, and how far
// what is dragged is behind the pointer.
async function crowd(browser) {
  const page = await opened(browser);
  const begun = performance.now();
  for (let i = 1; i <= 20; i += 1) {
    await page.evaluate(async i => {
      await window.drydock.run('hostA', `docker network create n${i}`);
      await window.drydock.run('hostA', `for c in $(seq 50); do docker run -d --name n${i}-c$c --network n${i} busybox sleep 9999; done`);
    }, i);
    if (i % 4 === 0) tell(`${i * 50} of 1000 containers run`);
  }
  print('crowd: set up', (performance.now() - begun) / 1000, 's');
  await page.evaluate(async () => {
    const pings = Array.from({ length: 300 }, (_, i) =>
      `docker exec n${1 + i % 20}-c${1 + Math.floor(i / 20)} ping -c 1 192.168.1.50 >/dev/null &`);
    await window.drydock.run('hostA', `${pings.join(' ')} wait`);
  });
  await play(page, 'crowd');
  tell('typing');
  await page.evaluate(() => {
    window.late = [];
    const after = from => requestAnimationFrame(() => window.late.push(performance.now() - from));
    addEventListener('keydown', event => after(event.timeStamp), true);
  });
  await page.locator('.tpane.on [data-terminal-input]').focus();
  for (let i = 0; i < 40; i += 1) await page.keyboard.press('a', { delay: 5 });
  print('crowd: key to frame, middle', middle(await page.evaluate(() => window.late)), 'ms');
  tell('dragging');
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
  await keep(page, 'drag');
}

// The page, ready for commands.
async function opened(browser) {
  const context = await browser.newContext(VIEW);
  await context.addInitScript(() => localStorage.setItem('drydock.tour', 'seen'));
  const page = await context.newPage();
  page.setDefaultTimeout(0);
  await page.goto(site);
  await page.waitForFunction(() => window.drydock && !document.querySelector('#app .loading'));
  return page;
}

// Plays what has travelled from its beginning, and measures the frames meanwhile.
async function play(page, name) {
  tell('playing');
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const spent = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(metric => metric.name === 'TaskDuration').value * 1000;
  };
  // From the beginning, whether or not it has been playing.
  await page.locator('.tctl button').first().click();
  await keep(page, name);
  const before = await spent();
  const times = await page.evaluate(() => new Promise(resolve => {
    const times = [];
    const frame = time => times.push(time) < 240 ? requestAnimationFrame(frame) : resolve(times);
    requestAnimationFrame(frame);
  }));
  const work = (await spent() - before) / times.length;
  const frames = times.slice(1).map((time, i) => time - times[i]).sort((a, b) => a - b);
  print(`${name}: frame time, 95th percentile`, frames[Math.floor(frames.length * 0.95)], 'ms');
  print(`${name}: longest frame`, frames.at(-1), 'ms');
  print(`${name}: the page's own work for a frame`, work, 'ms');
}

async function keep(page, name) {
  if (process.env.BENCH_PICTURE) await page.screenshot({ path: `${process.env.BENCH_PICTURE}.${name}.png` });
}

function middle(list) {
  return list.sort((a, b) => a - b)[list.length >> 1];
}

function tell(what) {
  if (what) console.log(`  [${((performance.now() - start) / 1000).toFixed(0)} s] ${what}`);
}

function print(name, value, unit) {
  console.log(`bench: ${name}: ${value} ${unit}`);
}
