import assert from 'node:assert/strict';
import { comes, execute } from '../steps.mjs';

export const name = 'for screen readers a terminal is a list of commands with their results and a labelled field, and nothing is said twice';
export const on = 'site';

export async function run(page, { picture }) {
  await execute(page, 'echo before');
  // What the live regions say, one entry a change; the output itself is no live region.
  await page.evaluate(() => {
    window.said = [];
    const live = '[aria-live=polite], [aria-live=assertive], [role=status], [role=alert]';
    new MutationObserver(changes => {
      const regions = new Set(changes.map(({ target }) => (target.nodeType === 3 ? target.parentElement : target)?.closest(live)));
      for (const region of regions) {
        const text = region?.textContent.trim();
        if (text) window.said.push(text);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  const said = () => page.evaluate(() => window.said);
  const quiet = () => page.evaluate(() => { window.said = []; });
  const field = page.getByRole('textbox', { name: /^Command for hostA/ });
  const list = page.getByRole('list', { name: 'Output of hostA' });

  // By the shortcut, from within the terminal; focus stays in the field, which has a label to be seen.
  await page.keyboard.press('Shift+Alt+F1');
  await list.waitFor();
  await comes(said, texts => texts.filter(text => text.includes('list')).length === 1, 'the change is said');
  await comes(() => page.evaluate(() => document.activeElement.dataset.terminalInput), 'hostA');
  await page.getByLabel('Command for hostA root@hostA:~#').waitFor();
  assert.equal(await page.getByRole('log').count(), 0);

  // Each command is a heading with its result below it, and is said once.
  await quiet();
  await execute(page, 'echo one; echo two');
  await comes(said, texts => texts.some(text => text.includes('two')), 'output is said');
  await execute(page, 'ls /nowhere');
  await comes(said, texts => texts.some(text => text.includes('exit status 2')), 'a failure is said');
  await execute(page, 'true');
  await comes(said, texts => texts.some(text => text.includes('no output')), 'silence is said');
  const once = (await said()).join('\n');
  for (const words of ['one\ntwo', 'No such file', 'exit status 2', 'no output']) {
    assert.equal(once.split(words).length - 1, 1, `${words} is said once: ${once}`);
  }
  assert.ok(!once.includes('echo'), 'what was typed is not said');
  await comes(() => list.getByRole('listitem').allInnerTexts(), found => {
    const items = found.map(text => text.split('\n').map(line => line.trim()).filter(Boolean));
    return items.length === 4 && items[1].slice(1).join() === 'one,two' && items[2].at(-1) === 'exit status 2' && items[3].at(-1) === 'no output';
  });
  await comes(() => list.getByRole('heading').count(), 4);
  await picture('reading');

  // A program that waits is answered in the same field, by another name; finding and history work as ever.
  await field.focus();
  await page.keyboard.type('read x; echo "got $x"');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Input for what runs in hostA' }).waitFor();
  await page.keyboard.type('it');
  await page.keyboard.press('Enter');
  await comes(() => list.innerText(), /got it/);
  await field.waitFor();
  await page.keyboard.press('Control+r');
  await page.keyboard.type('nowh');
  await comes(() => page.locator('.entry [role=status]').innerText(), 'ls /nowhere');
  await page.keyboard.press('Escape');
  // What was said does not stay to be read a second time.
  await comes(() => page.locator('.spoken').allInnerTexts(), ['', '']);

  // It is kept, and the settings lead back.
  await page.reload();
  await list.waitFor();
  await page.locator('[data-dialog=settings]').click();
  await page.getByRole('group', { name: 'Terminals for screen readers' }).getByRole('button', { name: 'Off' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('log', { name: 'Output of hostA' }).waitFor();
}
