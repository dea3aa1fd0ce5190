import { comes, execute, goes, names, screen } from '../steps.mjs';

export const name = 'undo, redo and reset work by button and by key';

export async function run(page) {
  const containers = () => names(page, 'data-container');
  const button = label => page.getByRole('button', { name: label });
  const shown = names => comes(containers, names);
  await execute(page, 'docker run -d --name one nginx');
  await execute(page, 'docker run -d --name two nginx');
  await comes(() => containers(), ['one', 'two']);

  await button(/^Undo/).click();
  await comes(() => containers(), ['one']);
  await goes(() => screen(page), /--name two/);
  await button(/^Redo/).click();
  await comes(() => containers(), ['one', 'two']);
  await comes(() => button(/^Redo/).getAttribute('aria-disabled'), 'true', 'there is nothing more to redo');

  await page.locator('[data-container=one]').focus();
  await page.keyboard.press('Control+z');
  await shown(['one']);
  await page.keyboard.press('Control+z');
  await shown([]);
  await comes(() => button(/^Undo/).getAttribute('aria-disabled'), 'true', 'there is nothing more to undo');
  await page.keyboard.press('Control+Shift+z');
  await shown(['one']);

  await button(/^Reset/).click();
  await comes(() => containers(), []);
  await comes(async () => (await screen(page)).trim(), '');
}
