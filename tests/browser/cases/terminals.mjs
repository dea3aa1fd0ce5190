import assert from 'node:assert/strict';
import { comes, execute, finish, output, screen } from '../steps.mjs';

export const name = 'terminals: tabs, two at once, finding, names that lead to the stage and back, completion, pasting, colours';

export async function run(page, { picture }) {
  const press = key => page.keyboard.press(key);
  const field = page.locator('.tpane.on [data-terminal-input]');
  const tabs = () => page.getByRole('tab').filter({ has: page.locator('.k') }).allInnerTexts();
  await execute(page, 'docker run -d --name web nginx');

  // A shell in a container has a tab of its own, and arrows lead there and back.
  await page.getByRole('button', { name: 'New terminal' }).click();
  await page.getByRole('menuitem', { name: 'Shell in web' }).click();
  await page.locator('.tpane.on [data-terminal=web]').waitFor();
  await comes(async () => (await tabs()).map(text => text.trim().split('\n')[0]), ['hostA', 'laptop', 'router', 'web']);
  assert.match(await execute(page, 'hostname'), /^[0-9a-f]{12}$/);
  await page.locator('.dock [role=tab][aria-selected=true]').focus();
  await press('ArrowRight');
  await press('Enter');
  await page.locator('.tpane.on [data-terminal=hostA]').waitFor();

  // Two at once; the width is changed by key, and both are there after a reload.
  await page.getByRole('button', { name: 'Two terminals side by side' }).click();
  await comes(() => page.locator('.tpane').count(), 2);
  const width = () => page.locator('.tpane.first').evaluate(pane => pane.getBoundingClientRect().width);
  const before = await width();
  await page.getByRole('separator', { name: 'Room of the first terminal' }).press('ArrowRight');
  await comes(width, now => now > before + 20);
  await picture('terminals-split');
  await page.waitForTimeout(700);
  await page.reload();
  await page.locator('.tpane').nth(1).waitFor();
  await page.getByRole('button', { name: 'One terminal' }).click();
  await comes(() => page.locator('.tpane').count(), 1);
  await page.locator('.tab', { hasText: 'hostA' }).click();

  // Closing by key.
  await page.locator('.tab', { hasText: 'web' }).focus();
  await press('Delete');
  await page.waitForFunction(() => document.querySelectorAll('.tab[data-tab]').length === 3);
  await page.locator('.tab', { hasText: 'hostA' }).click();

  await page.locator('.tpane.on [data-terminal=hostA]').waitFor();

  // Finding: each place counts, so 22 counts twice, and lines that were typed count too.
  await page.locator('.tpane.on [data-terminal-input]').focus();
  await press('Control+l');
  await execute(page, 'seq 2 30');
  await press('Control+f');
  await page.keyboard.type('2');
  await page.locator('.seek .said', { hasText: '14 of 14' }).waitFor();
  await press('Enter');
  await page.locator('.seek .said', { hasText: '13 of 14' }).waitFor();
  await comes(() => marked(page, 'found'), 14);
  await picture('terminals-find');
  await press('Escape');
  await comes(() => marked(page, 'found'), 0);

  // A name in the output leads to the stage, and a thing on the stage to its names.
  await press('Control+l');
  await execute(page, 'docker ps --format "{{.Names}} {{.Image}}"');
  const word = await page.locator('.ln.out', { hasText: 'web nginx' }).boundingBox();
  await page.mouse.move(word.x + 8, word.y + 8);
  await page.locator('[data-container=web].pointed').waitFor();
  await page.mouse.click(word.x + 8, word.y + 8);
  await page.locator('[data-container=web] .sel').waitFor();
  await page.mouse.move(5, 5);
  await page.locator('[data-container=web]').hover();
  await page.waitForFunction(() => CSS.highlights.get('named')?.size > 0);

  // The same by keys: from name to name in the output, and to what it stands for.
  await page.keyboard.press('Escape');
  await comes(() => page.locator('.pointed').count(), 0);
  await field.focus();
  await execute(page, 'echo bridge and web');
  await press('Alt+ArrowUp');
  await page.locator('[data-container=web].pointed').waitFor();
  await comes(() => page.locator('.spoken').first().innerText(), /^web, nginx/);
  await press('Alt+ArrowUp');
  await page.locator('[data-network=bridge].pointed').waitFor();
  await press('Alt+ArrowUp');
  await page.locator('[data-container=web].pointed').waitFor();
  await press('Alt+ArrowDown');
  await press('Alt+Enter');
  await page.locator('[data-inspector=bridge]').waitFor();

  // Completions say what they are.
  await field.focus();
  await page.keyboard.type('docker network c');
  await press('Tab');
  await comes(async () => (await page.getByRole('option').allInnerTexts()).map(text => text.split('\n')), [
    ['connect', 'Connect a container to a network'], ['create', 'Create a network']]);
  await picture('terminals-completion');
  await press('Escape');
  await press('Control+u');

  // Several lines that are pasted wait for Enter, and run one after the other.
  await paste(page, 'echo one\necho two\n');
  await comes(() => field.inputValue(), 'echo one\necho two');
  await page.getByText('2 lines: Enter runs them').waitFor();
  await press('Enter');
  await finish(page);
  await comes(() => screen(page), /echo one\s+one\s+.*echo two\s+two\s*$/);

  // With text selected Ctrl-C copies, and stops nothing.
  await page.locator('.ln.out', { hasText: 'two' }).dblclick({ position: { x: 8, y: 8 } });
  await press('Control+c');
  await comes(() => page.evaluate(() => getSelection().toString().trim()), 'two');

  // Colours, and a line that is written over.
  await execute(page, "printf '\\033[1;31mred\\033[0m plain\\n50%%\\r100%%\\n'");
  await comes(() => output(page), /^red plain\n100%$/);
  await comes(() => page.locator('.ln .c1.lb').innerText(), 'red');
}

// How many ranges are marked under a name.
function marked(page, name) {
  return page.evaluate(name => CSS.highlights.get(name)?.size ?? 0, name);
}

function paste(page, text) {
  return page.locator('.tpane.on [data-terminal-input]').evaluate((field, text) => {
    field.focus();
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}
