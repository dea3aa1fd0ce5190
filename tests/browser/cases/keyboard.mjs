import assert from 'node:assert/strict';
import { CONNECT, FETCH, SETUP, comes, execute, executeAll, finish, names, type } from '../steps.mjs';

export const name = 'everything in the exercise can be done by keyboard alone';

export async function run(page) {
  const press = key => page.keyboard.press(key);
  const line = () => page.locator('[data-terminal-input]').inputValue();
  const focus = () => page.evaluate(() => {
    const inside = selector => document.activeElement.closest(selector) !== null;
    return { stage: inside('.canvas'), terminal: inside('[data-terminal]'), side: inside('.side') };
  });

  await page.locator('[data-terminal-input]:focus').waitFor();
  await executeAll(page, SETUP);

  // History, search and completion.
  await press('ArrowUp');
  await comes(() => line(), SETUP[3]);
  await press('ArrowUp');
  await comes(() => line(), SETUP[2]);
  await press('Control+c');
  await comes(() => line(), '');
  await press('Control+r');
  await page.keyboard.type('create net-a');
  await press('Tab');
  await comes(() => line(), SETUP[0]);
  await press('Control+u');
  await page.keyboard.type('docker network conn');
  await press('Tab');
  await comes(() => line(), 'docker network connect ');
  await page.keyboard.type('net-');
  await press('Tab');
  const options = async () => (await page.getByRole('listbox').getByRole('option').allInnerTexts()).map(option => option.split('\n')[0]);
  await comes(options, ['net-a', 'net-b']);
  await press('ArrowDown');
  await press('Enter');
  await comes(() => line(), /connect net-b $/);
  await page.keyboard.type('serv');
  await press('Tab');
  await comes(() => line(), /connect net-b service/);
  await press('Escape');
  await press('Control+u');

  // A command that never ends is stopped, and the shell goes on.
  await type(page, 'ping 192.168.1.50');
  await page.getByText('bytes from 192.168.1.50').first().waitFor();
  await press('Control+c');
  assert.match(await finish(page), /packets transmitted/);
  await page.locator('[data-terminal-input]').focus();
  assert.match(await execute(page, 'echo $?'), /^\d+$/);

  // F6 walks through the regions, both ways.
  await page.locator('[data-terminal-input]').focus();
  const walk = [];
  for (const key of ['F6', 'F6', 'F6', 'Shift+F6']) {
    await press(key);
    walk.push(Object.entries(await focus()).find(([, here]) => here)?.[0]);
  }
  assert.deepEqual(walk, ['side', 'stage', 'terminal', 'stage']);

  // The stage: arrows walk to the container, its menu connects it, and its packets can be stepped through.
  for (let i = 0; i < 12 && !(await onContainer(page)); i += 1) await press('ArrowDown');
  if (await onContainer(page) === 'serviceB') await press('ArrowLeft');
  await comes(() => onContainer(page), 'serviceA');
  await press('c');
  await page.getByRole('menu').waitFor();
  while (!(await page.evaluate(() => document.activeElement.textContent)).includes('net-b')) await press('ArrowDown');
  await press('Enter');
  await finish(page);
  await comes(() => page.locator('.lines').innerText(), new RegExp(CONNECT));
  assert.match(await execute(page, FETCH), /Welcome to nginx!/);
  await press('Control+`');
  await press(',');
  const hop = () => page.getByRole('slider', { name: 'Timeline' }).getAttribute('aria-valuenow');
  const end = await hop();
  await press(',');
  await comes(async () => Number(await hop()), Number(end) - 1);
  await press('.');
  await comes(() => hop(), end);

  // Tab reaches every kind of control, and the help lists the keys.
  const reached = await tabStops(page);
  for (const stop of ['Skip to the terminal', 'Timeline', 'Command for hostA', 'Journey']) {
    assert.ok(reached.includes(stop), `${stop} is not among ${reached.join(', ')}`);
  }
  await page.locator('[data-container=serviceA]').focus();
  await press('?');
  await page.getByRole('dialog').waitFor();
  await press('Escape');
  await comes(() => page.getByRole('dialog').count(), 0);
  await comes(() => names(page, 'data-container'), ['serviceA', 'serviceB']);
}

// The name of the container in focus.
function onContainer(page) {
  return page.evaluate(() => document.activeElement.dataset.container);
}

// The names of all that Tab leads to, in a round. The terminal keeps Tab for itself, so there F6 leads on.
async function tabStops(page) {
  const found = [];
  for (let i = 0; i < 100; i += 1) {
    const inTerminal = found.at(-1) === 'Command for hostA';
    await page.keyboard.press(inTerminal ? 'F6' : 'Tab');
    const here = await page.evaluate(() => {
      const node = document.activeElement;
      return node === document.body ? 'the browser' : (node.getAttribute('aria-label') ?? node.textContent.trim());
    });
    if (here === found[0] && i > 10) break;
    found.push(here);
  }
  return found;
}
