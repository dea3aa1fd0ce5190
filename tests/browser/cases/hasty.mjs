import assert from 'node:assert/strict';
import { comes, finish, screen } from '../steps.mjs';

export const name = 'on a busy machine no key is lost, and each goes where the one before it led';
export const on = 'site';
export const patience = 120_000;

export async function run(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 12 });
  const field = page.locator('.tpane.on [data-terminal-input]');

  // Nothing is waited for between the keys: the browser has them all before the page has drawn the first.
  const CODES = { Enter: 13, Escape: 27, ArrowUp: 38 };
  const burst = keys => Promise.all(keys.flatMap(key => {
    const ctrl = key.startsWith('Control+');
    const name = ctrl ? key.slice(-1) : key;
    const text = ctrl || name in CODES && name !== 'Enter' ? undefined : name === 'Enter' ? '\r' : name;
    const event = { key: name, modifiers: ctrl ? 2 : 0, windowsVirtualKeyCode: CODES[name] ?? name.toUpperCase().charCodeAt(0) };
    return [
      session.send('Input.dispatchKeyEvent', { ...event, text, type: text ? 'keyDown' : 'rawKeyDown' }),
      session.send('Input.dispatchKeyEvent', { ...event, type: 'keyUp' }),
    ];
  }));

  await field.focus();
  await burst([...'echo line1', 'Enter', ...'echo line2', 'Enter', ...'echo line3', 'Enter']);
  await finish(page);
  await comes(() => screen(page), /echo line1\s+line1\s.*echo line2\s+line2\s.*echo line3\s+line3\s*$/s);

  await field.focus();
  await burst(['Control+f', ...'line3']);
  await comes(() => page.locator('.seek:not([hidden]) input').inputValue(), 'line3');
  assert.equal(await field.inputValue(), '', 'what is looked for is not typed into the line');
  await page.locator('.seek .said', { hasText: '2 of 2' }).waitFor();
  await burst(['Escape', 'ArrowUp', '0']);
  await comes(() => field.inputValue(), 'echo line30');
}
