import assert from 'node:assert/strict';
import { FETCH, SETUP, comes, executeAll, finish, overlaps, playback, position, screen, type } from '../steps.mjs';

export const name = 'in the middle of a play: resizing and zooming keep the moment, a reload comes back at its end, a narrow screen has all in a menu';
export const on = 'site';

export async function run(page, { picture }) {
  await executeAll(page, [...SETUP, 'docker network connect net-b serviceA']);
  const camera = () => page.locator('.world').evaluate(world => getComputedStyle(world).transform);
  const zoom = async () => Number(/matrix\(([^,]+)/.exec(await camera())[1]);
  const inView = () => page.locator('[data-container=serviceA] .box').evaluate(box => {
    const [a, b] = [box.getBoundingClientRect(), document.querySelector('.canvas').getBoundingClientRect()];
    return a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
  });

  await type(page, FETCH);
  await page.getByRole('button', { name: /^Pause/ }).click();
  await playback(page, 'ArrowRight');
  const moment = await position(page);
  for (const [width, height] of [[1024, 768], [800, 480], [390, 844], [1440, 900]]) {
    await page.setViewportSize({ width, height });
    await comes(inView, true, `at ${width}, the stage fits again`);
    assert.equal(await position(page), moment, `at ${width}`);
    await picture(`middle-${width}`);
  }

  // By buttons, keys and wheel, about the pointer; and back.
  const before = await zoom();
  await page.getByRole('button', { name: /^Zoom in/ }).click();
  await comes(zoom, now => now > before * 1.1);
  await page.locator('[data-container=serviceA]').focus();
  await page.keyboard.press('-');
  await page.keyboard.press('-');
  await comes(zoom, now => now < before);
  await page.locator('.canvas').hover({ position: { x: 300, y: 200 } });
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -300);
  await page.keyboard.up('Control');
  await comes(zoom, now => now > before * 0.8);
  assert.deepEqual(await overlaps(page), []);
  // Close by it is drawn anew: edges are as sharp as pixels are.
  await page.locator('[data-container=serviceA]').focus();
  for (let i = 0; i < 12; i += 1) await page.keyboard.press('+');
  await comes(zoom, now => now === 4);
  await comes(() => sharpest(page), step => step > 150, 'it is sharp');
  await picture('middle-close');
  await page.keyboard.press('0');
  await comes(inView, true, 'it fits');
  assert.equal(await position(page), moment);

  // A reload while a packet is under way.
  await comes(() => page.evaluate(() => localStorage.getItem('drydock.lab') ?? ''), /curl http/, 'it is saved');
  await page.reload();
  await page.locator('[data-container=serviceA]').waitFor();
  await comes(() => screen(page), /Welcome to nginx!/, 'the command has ended');
  await page.locator('[data-container=serviceA]').focus();
  await page.keyboard.press('r');
  await comes(() => page.getByRole('button', { name: /^Pause/ }).count(), 1, 'it is replayed');
  await finish(page);

  // By finger on a phone: loop, heat, zoom and settings.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: 'Stage', exact: true }).click();
  const more = async item => {
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await more('Heat');
  await comes(() => page.locator('.canvas .heat1, .canvas .heat2, .canvas .heat3, .canvas .heat4').count(), n => n > 0);
  const fitted = await zoom();
  await more('Zoom in');
  await comes(zoom, now => now > fitted * 1.1);
  await more('Export');
  await page.getByRole('menuitem', { name: 'Compose file' }).waitFor();
  await page.keyboard.press('Escape');
  await more('Settings');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await comes(() => page.evaluate(() => document.activeElement.hasAttribute('data-more')), true, 'focus is where it came from');
}

/** The largest step from a pixel of the stage to the next one, of 255. */
async function sharpest(page) {
  const bytes = (await page.locator('.canvas').screenshot()).toString('base64');
  return page.evaluate(async bytes => {
    const png = new Blob([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], { type: 'image/png' });
    const bitmap = await createImageBitmap(png);
    const paint = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    paint.drawImage(bitmap, 0, 0);
    const { data } = paint.getImageData(0, 0, bitmap.width, bitmap.height);
    let most = 0;
    for (let i = 4; i < data.length; i += 4) {
      if (i / 4 % bitmap.width !== 0) most = Math.max(most, Math.abs(data[i] - data[i - 4]));
    }
    return most;
  }, bytes);
}
