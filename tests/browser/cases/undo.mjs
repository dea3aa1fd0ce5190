import assert from 'node:assert/strict';
import { execute, names, screen } from '../steps.mjs';

export const name = 'undo, redo and reset work by button and by key';

export async function run(page) {
  const containers = () => names(page, 'data-container');
  const button = label => page.getByRole('button', { name: label });
  // A key's effect is drawn with the next frame.
  const shown = async names => {
    for (let i = 0; i < 40 && `${await containers()}` !== `${names}`; i += 1) await page.waitForTimeout(50);
    assert.deepEqual(await containers(), names);
  };
  await execute(page, 'docker run -d --name one nginx');
  await execute(page, 'docker run -d --name two nginx');
  assert.deepEqual(await containers(), ['one', 'two']);

  await button(/^Undo/).click();
  assert.deepEqual(await containers(), ['one']);
  assert.doesNotMatch(await screen(page), /--name two/);
  await button(/^Redo/).click();
  assert.deepEqual(await containers(), ['one', 'two']);
  assert.ok(await button(/^Redo/).isDisabled(), 'there is nothing more to redo');

  await page.locator('[data-container=one]').focus();
  await page.keyboard.press('Control+z');
  await shown(['one']);
  await page.keyboard.press('Control+z');
  await shown([]);
  assert.ok(await button(/^Undo/).isDisabled(), 'there is nothing more to undo');
  await page.keyboard.press('Control+Shift+z');
  await shown(['one']);

  await button(/^Reset/).click();
  assert.deepEqual(await containers(), []);
  assert.equal((await screen(page)).trim(), '');
}
