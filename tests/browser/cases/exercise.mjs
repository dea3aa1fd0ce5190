import assert from 'node:assert/strict';
import { CONNECT, FETCH, SETUP, comes, execute, executeAll, finish, names, playback, position, type } from '../steps.mjs';

export const name = 'the connectivity exercise, typed by key strokes, is seen, explained and mended';

export async function run(page, { kind, picture }) {
  await executeAll(page, SETUP);
  await comes(() => names(page, 'data-machine'), ['hostA', 'internet', 'laptop', 'router']);
  await comes(() => names(page, 'data-network'), ['bridge', 'net-a', 'net-b']);
  await comes(() => names(page, 'data-container'), ['serviceA', 'serviceB']);

  // It fails, and the page knows why.
  await type(page, FETCH);
  assert.match(await finish(page), /curl: \(6\) Could not resolve host: serviceA/);
  const verdicts = await page.locator('[data-packet]').evaluateAll(packets => packets.map(packet => packet.title));
  assert.ok(verdicts.some(verdict => verdict.includes('NXDOMAIN')), verdicts.join('\n'));
  const why = page.locator('[data-explanation]');
  await comes(() => why.innerText(), /serviceB/);
  await why.scrollIntoViewIfNeeded();
  assert.ok(await why.evaluate(node => {
    const box = node.getBoundingClientRect();
    return node.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
  }), 'the explanation can be seen');
  const fixes = await why.locator('[data-fix]').evaluateAll(buttons => buttons.map(button => button.dataset.fix));
  assert.deepEqual(fixes.toSorted(), ['docker network connect net-a serviceB', CONNECT]);
  await picture(`exercise-fails-${kind}`);

  // Mended, it works.
  await execute(page, CONNECT);
  await type(page, FETCH);
  await moves(page);
  assert.match(await finish(page), /<h1>Welcome to nginx!<\/h1>/);
  await comes(() => why.count(), 0, 'nothing is left to explain');
  const packets = await page.locator('[data-packet]').allInnerTexts();
  for (const sent of ['A?', 'A', 'who', 'is', 'SYN', 'SYN-ACK', 'ACK', 'GET', '200', 'FIN']) {
    assert.ok(packets.includes(sent), `${sent} is not among ${packets}`);
  }
  await picture(`exercise-works-${kind}`);

  // What connection tracking knew is told with the packet, where a machine asked it.
  await page.locator('[data-packet]', { hasText: /^A\?$/ }).first().click();
  await page.locator('[data-hop]', { hasText: 'OUTPUT' }).getByRole('button').click();
  await page.getByRole('button', { name: 'Expand' }).click();
  await comes(() => page.locator('.tracked').innerText(), /NEW, in the original direction[^]*127\.0\.0\.1:\d+ → 127\.0\.0\.11:53/);
}

// Playback pauses, steps both ways, rewinds, and shows the same thing whenever it is at the same instant.
async function moves(page) {
  await page.getByRole('button', { name: /^Pause/ }).click();
  await playback(page, 'Home');
  await comes(() => position(page), 'start');
  const hop = () => page.locator('[data-hop][aria-current=step]').getAttribute('data-hop');
  await playback(page, 'ArrowRight');
  await playback(page, 'ArrowRight');
  await playback(page, 'ArrowRight');
  const there = [await position(page), await hop(), await path(page)];
  assert.match(there[0], /hop 3 of/);
  await playback(page, 'ArrowRight');
  assert.notEqual(await position(page), there[0]);
  await playback(page, 'ArrowLeft');
  assert.deepEqual([await position(page), await hop(), await path(page)], there);

  // Scrubbing to and fro comes back to the same instant too.
  const box = await page.getByRole('slider', { name: 'Timeline' }).boundingBox();
  const scrub = async share => {
    await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.up();
    return [await position(page), await path(page)];
  };
  const half = await scrub(0.5);
  assert.notDeepEqual(await scrub(0.8), half);
  assert.deepEqual(await scrub(0.5), half);
  await page.getByRole('button', { name: /^Play / }).click();
}

// The path of the packet being watched, as the SVG draws it.
function path(page) {
  return page.locator('.canvas svg').first().innerHTML();
}
