import { CONNECT, SETUP, comes, executeAll, finish, saysOfItself, screen } from '../steps.mjs';

export const name = 'by touch: a long press opens the menu, one finger pans, two zoom, and a dragged container is connected';
export const on = 'site';
export const options = { hasTouch: true };

export async function run(page, { picture }) {
  await executeAll(page, SETUP);
  const session = await page.context().newCDPSession(page);
  const touch = (type, ...points) => session.send('Input.dispatchTouchEvent', {
    type, touchPoints: points.map(([x, y], id) => ({ x, y, id })),
  });
  const middle = async selector => {
    const box = await page.locator(selector).boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const camera = () => page.locator('.world').evaluate(world => {
    const { a, e, f } = new DOMMatrix(getComputedStyle(world).transform);
    return { zoom: a, x: e, y: f };
  });

  await touch('touchStart', await middle('[data-container=serviceA]'));
  await page.getByRole('menu').waitFor();
  await touch('touchEnd');
  await picture('touch-menu');
  await comes(() => page.getByRole('menu').count(), 1, 'letting go does not close it');
  await page.keyboard.press('Escape');

  const canvas = await page.locator('.canvas').boundingBox();
  const ground = [canvas.x + 8, canvas.y + 8];
  const before = await camera();
  await touch('touchStart', ground);
  for (const by of [10, 30, 60]) await touch('touchMove', [ground[0] + by, ground[1] + by]);
  await touch('touchEnd');
  await comes(camera, panned => Math.abs(panned.x - before.x - 60) < 2 && panned.zoom === before.zoom, `from ${JSON.stringify(before)}`);

  const [x, y] = [canvas.x + canvas.width / 2, canvas.y + 20];
  await touch('touchStart', [x - 40, y], [x + 40, y]);
  for (const apart of [50, 65, 80]) await touch('touchMove', [x - apart, y], [x + apart, y]);
  await touch('touchEnd');
  await comes(camera, pinched => Math.abs(pinched.zoom / before.zoom - 2) < 0.1, `from ${before.zoom}`);

  await page.getByRole('button', { name: /^Fit/ }).click();
  const [from, to] = [await middle('[data-container=serviceA]'), await middle('[data-network=net-b]')];
  await touch('touchStart', from);
  for (const share of [0.2, 0.5, 0.8, 1]) {
    await touch('touchMove', from.map((start, i) => start + (to[i] - start) * share));
  }
  await touch('touchEnd');
  await saysOfItself(page, 'serviceA', '172.18.0.2', '172.19.0.3');
  await finish(page);
  await comes(async () => (await screen(page)).includes(CONNECT), true);

  // On a phone the menu has to stand below the finger: lifting it chooses nothing, and what is chosen then is seen.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: 'Stage', exact: true }).tap();
  await page.waitForTimeout(300);
  await touch('touchStart', await middle('[data-container=serviceB]'));
  await page.getByRole('menu').waitFor();
  await page.waitForTimeout(300);
  await touch('touchEnd');
  await page.waitForTimeout(300);
  await comes(() => page.getByRole('menu').count(), 1, 'lifting the finger chooses nothing');
  await page.getByRole('menuitem', { name: 'Inspect' }).tap();
  await page.locator('[data-inspector=serviceB]').waitFor();
}
