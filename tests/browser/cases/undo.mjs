import assert from 'node:assert/strict';
import { execute, names, screen } from '../steps.mjs';

export const name = 'undo, redo and reset work by button and by key';

export async function run(page) {
  const containers = () => names(page, 'data-container');
  const button = label => page.getByRole('button', { name: label });
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
  await page.keyboard.press('Control+z');
  assert.deepEqual(await containers(), []);
  assert.ok(await button(/^Undo/).isDisabled(), 'there is nothing more to undo');
  await page.keyboard.press('Control+Shift+z');
  assert.deepEqual(await containers(), ['one']);

  await button(/^Reset/).click();
  assert.deepEqual(await containers(), []);
  assert.equal((await screen(page)).trim(), '');
}
