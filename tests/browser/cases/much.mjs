import assert from 'node:assert/strict';
import { comes, execute, executeAll, finish, output, overlaps } from '../steps.mjs';

export const name = '64 interfaces, a name of 128 letters and a flood of output: nothing overlaps, sticks out or stalls';
export const on = 'site';
export const alone = true;
export const patience = 180_000;
export const options = { reducedMotion: 'reduce' };

const LONG = `${'very-long-name-'.repeat(8)}12345678`;

export async function run(page, { picture }) {
  const sizes = async state => {
    for (const [width, height] of [[1440, 900], [390, 844]]) {
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(250);
      await picture(`much-${state}-${width}`);
      assert.deepEqual(await overlaps(page), [], `${state}, ${width}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${state}: ${wide} pixels wider than ${width}`);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  };

  // A name as long as names may be, on the stage, in the menu, the inspector, from inside, and in the terminal.
  assert.equal(LONG.length, 128);
  await executeAll(page, [`docker network create ${LONG}`, `docker run -d --name ${LONG} --network ${LONG} nginx`, 'docker ps']);
  await sizes('long');
  const long = page.locator('[data-container]').first();
  await long.click();
  await page.locator('.ihead').waitFor();
  await picture('much-long-inspector');
  await long.click({ button: 'right' });
  await page.getByRole('menu').waitFor();
  await picture('much-long-menu');
  await page.keyboard.press('Escape');
  const box = await long.boundingBox();
  await page.mouse.move(box.x + 20, box.y + 12);
  await page.mouse.down();
  await page.mouse.move(box.x - 60, box.y - 60, { steps: 4 });
  const lifted = await page.locator('.lifted').boundingBox();
  assert.ok(lifted.width <= 300, `what is carried covers ${lifted.width} pixels`);
  await picture('much-long-lifted');
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await execute(page, `docker exec ${LONG} curl -s http://172.18.0.2:81`);
  await page.locator('#tab-journey').click();
  await page.locator('[data-explanation]').waitFor();
  await sizes('long-explained');
  await execute(page, `docker rm -f ${LONG}; docker network rm ${LONG}`);

  // One container on 64 networks.
  await execute(page, 'docker run -d --name many busybox sleep 1d');
  await execute(page, 'for i in $(seq 63); do docker network create --subnet 10.9.$i.0/24 n$i >/dev/null; docker network connect n$i many; done; docker exec many ip -o -4 addr | wc -l');
  assert.match(await output(page), /^65$/m);
  await sizes('64');
  // Nothing but what devices say by themselves, and more than can be followed: some of it is.
  await page.getByRole('slider', { name: 'Timeline' }).press('Home');
  await comes(() => page.locator('.tread').innerText(), /packets/);
  await page.locator('[data-container=many]').first().click();
  await page.locator('.ihead').waitFor();
  await comes(() => page.locator('.side tbody tr', { hasText: 'eth63' }).count(), found => found > 0);
  await picture('much-64-inspector');
  // A hardware address is not broken, however many long addresses stand before it.
  await page.locator('.canvas [data-machine=hostA] .host').click({ position: { x: 300, y: 12 } });
  await page.locator('[data-inspector=hostA]').waitFor();
  const lines = page.locator('.side td', { hasText: /^..(:..){5}$/ }).first().evaluate(cell => {
    const text = document.createRange();
    text.selectNodeContents(cell);
    return text.getClientRects().length;
  });
  assert.equal(await lines, 1);

  // A flood: only so much of it is kept on the page, the end is there, and keys still arrive.
  const press = async line => {
    await page.locator('[data-terminal-input]').focus();
    await page.keyboard.type(line);
    await page.keyboard.press('Enter');
  };
  await press('seq 100000');
  await page.keyboard.type('echo typed meanwhile');
  await comes(() => page.locator('[data-terminal-input]').inputValue(), 'echo typed meanwhile');
  await finish(page);
  await comes(() => page.locator('.lines .ln.out').last().innerText(), '100000');
  await comes(() => page.locator('.lines .ln').count(), count => count <= 1300);
  // Hurrying the film along took focus to the timeline.
  await page.locator('[data-terminal-input]').press('Control+u');
  await press('while true; do echo more and more; done');
  await comes(() => page.locator('.lines .ln.out').last().innerText(), 'more and more');
  await page.keyboard.press('Control+c');
  await finish(page);
  await press('echo it is $((40 + 2))');
  await comes(() => page.locator('.lines .ln.out').last().innerText(), 'it is 42');
}
