// Keeps states of the page as pictures, for people to look at, and says what a machine can see is wrong with them.

import { overlaps } from './steps.mjs';

const WIDE = { name: '', width: 1440, height: 900 };
// Where `--everywhere` asks for it: every size of the design, the narrowest window, and text twice as large.
const OTHERS = [
  { name: '-1024', width: 1024, height: 768 },
  { name: '-phone', width: 390, height: 844 },
  { name: '-narrow', width: 320, height: 640 },
  { name: '-text', width: 1440, height: 900, text: 2 },
  { name: '-narrow-text', width: 390, height: 844, text: 2 },
];

/** Returns a function that keeps the page's present state, and the list of what is wrong with those that it has kept. */
export function keeper(page, { picture, everywhere }) {
  const complaints = [];
  // What covers the stage on purpose may cover its texts. `view` is what a phone shows of the page; a state that is of one
  // size is kept `here` only.
  const state = async (name, { covered = false, here = false, view = 'Stage' } = {}) => {
    for (const size of everywhere && !here ? [...OTHERS, WIDE] : [WIDE]) {
      if (everywhere && !here) await resize(page, size, view);
      for (const colorScheme of ['dark', 'light']) {
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(350);
        await picture(`state-${name}${size.name}-${colorScheme}`);
      }
      const where = `${name}${size.name}`;
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (wide > 0) complaints.push(`${where}: ${wide} pixels too wide`);
      const dialog = page.locator('dialog[open] .bd');
      if (await dialog.count() > 0) {
        const hidden = await dialog.evaluate(body => body.scrollWidth - body.clientWidth);
        if (hidden > 0) complaints.push(`${where}: the dialog is ${hidden} pixels too wide`);
      }
      if (!covered && await page.locator('.canvas svg[role=group]').isVisible()) {
        complaints.push(...(await overlaps(page)).map(pair => `${where}: ${pair}`));
      }
    }
  };
  return { state, complaints };
}

async function resize(page, { width, height, text = 1 }, view) {
  await page.setViewportSize({ width, height });
  // As for a user who has asked the browser for larger letters.
  const browser = await page.context().newCDPSession(page);
  await browser.send('Page.setFontSizes', { fontSizes: { standard: 16 * text, fixed: 13 * text } });
  const pane = page.locator('.nav button', { hasText: view });
  if (await pane.isVisible()) await pane.evaluate(button => button.click());
  await page.waitForTimeout(400);
}
