import assert from 'node:assert/strict';
import { comes, execute, finish } from '../steps.mjs';

export const name = 'the form shows the packet that was described, and a hook opens the rules at its own chain';

export async function run(page) {
  await execute(page, 'docker run -d --name web -p 8080:80 nginx');
  await page.locator('#tab-rules').click();
  const form = page.getByRole('form', { name: 'Would a packet get there?' });
  const ask = async (from, to, port) => {
    await form.getByLabel('From').selectOption(from);
    await form.getByRole('combobox', { name: 'To', exact: true }).fill(to);
    if (port) await form.getByLabel('Port').fill(port);
    await form.getByRole('button', { name: 'Send it' }).click();
    await finish(page);
  };
  const way = () => page.locator('.way-list').innerText();

  // The last packets of the run close the connection: they never meet the rule that lets the first one in.
  await ask('laptop', '192.168.1.10', '8080');
  await comes(way, /nat DOCKER \d/, 'the way of the first packet');
  await page.locator('#tab-journey').click();
  await comes(() => page.locator('[data-packet][aria-pressed=true]').innerText(), 'SYN');
  await comes(() => page.locator('[data-hop][aria-current=step]').getAttribute('data-verdict'), 'delivered');

  // A ping is asked about by its request, not by the reply that comes last.
  await page.locator('#tab-rules').click();
  await form.getByRole('button', { name: 'ping' }).click();
  await ask('web', '192.168.1.50');
  await comes(way, /nat POSTROUTING \d/, 'the way of the request');
  // And what is typed is told to its end again.
  await execute(page, 'curl -s http://172.17.0.2');
  await page.locator('#tab-journey').click();
  await comes(() => page.locator('[data-packet][aria-pressed=true]').innerText(), text => text !== 'SYN');

  const hook = name => page.locator(`.canvas [data-id="hook:hostA/${name}"]`);
  const open = tab => page.locator(`#tab-${tab}`).getAttribute('aria-selected');
  const table = () => page.locator('.rbar [aria-pressed=true]').first().innerText();
  // How far the chain's heading is below the top of what scrolls.
  const below = chain => page.locator(`[data-chain=${chain}].wanted`).evaluate(section =>
    Math.abs(section.getBoundingClientRect().top - section.closest('.scroll').getBoundingClientRect().top));
  const shows = async (chain, where) => {
    await comes(() => open('rules'), 'true', `${chain} opens the rules`);
    await comes(table, where);
    const room = await page.locator('.side .scroll').evaluate(view => view.scrollHeight - view.scrollTop - view.clientHeight);
    const far = await below(chain);
    assert.ok(far < 3 || room < 3, `${chain} stands ${far} pixels below the top`);
  };
  await hook('FORWARD').click();
  await shows('FORWARD', 'filter');
  await hook('POSTROUTING').focus();
  await page.keyboard.press('Enter');
  await shows('POSTROUTING', 'nat');
  // Chosen again, it is shown again; and with another display than the one it was left in.
  await page.getByRole('button', { name: 'iptables-save' }).click();
  await hook('POSTROUTING').click();
  await shows('POSTROUTING', 'nat');
  // Routing has no chain.
  await hook('ROUTE').click();
  await comes(() => open('inspector'), 'true');
}
