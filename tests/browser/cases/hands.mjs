import assert from 'node:assert/strict';
import { SETUP, comes, executeAll, finish, saysOfItself, screen } from '../steps.mjs';

export const name = 'what a mouse can do, keys and fingers can: move, disconnect, menus, shells, images, contacts and new networks';
export const on = 'site';
export const patience = 120_000;
export const options = { hasTouch: true };

export async function run(page, { picture }) {
  await executeAll(page, SETUP);
  const press = key => page.keyboard.press(key);
  const container = who => page.locator(`.canvas [data-container=${who}]`);
  const item = name => page.getByRole('menuitem', { name });
  const typed = async line => {
    await finish(page);
    await comes(() => screen(page), new RegExp(`root@hostA:~# ${line}$`, 'm'));
  };
  const undo = async () => {
    await container('serviceA').focus();
    await press('Control+z');
  };

  // By keys: each thing asks for its menu, and what is chosen is typed.
  await container('serviceA').focus();
  await press('m');
  await item('net-b').focus();
  await comes(() => item('net-b').innerText(), /disconnect net-a serviceA ; docker network connect net-b serviceA/);
  const hidden = await item('net-b').locator('code').evaluate(code => code.scrollHeight - code.clientHeight);
  assert.ok(hidden <= 0, `${hidden} pixels of what is typed cannot be read`);
  await press('Enter');
  await typed('docker network connect net-b serviceA');
  await saysOfItself(page, 'serviceA', 'on net-b');
  await undo();
  await undo();
  await container('serviceA').focus();
  await press('x');
  await item('net-a').focus();
  await press('Enter');
  await typed('docker network disconnect net-a serviceA');
  await undo();
  await container('serviceA').focus();
  await press('Shift+F10');
  await item('Pause').focus();
  await press('Enter');
  await typed('docker pause serviceA');
  await undo();
  await page.getByRole('button', { name: 'Container', exact: true }).focus();
  await press('Enter');
  await page.locator('[data-image="redis:7"]').focus();
  await press('Enter');
  await container('redis').waitFor();
  await typed('docker run -d --name redis redis:7');
  await container('serviceB').focus();
  await press('t');
  await page.locator('.tpane.on [data-terminal=serviceB]').waitFor();
  await press('Control+d');
  await page.locator('.tab', { hasText: 'hostA' }).first().click();

  // By finger: out of the list sideways onto a network, onto another container, and what Shift does is in the menu.
  const session = await page.context().newCDPSession(page);
  const touch = (type, ...points) => session.send('Input.dispatchTouchEvent', {
    type, touchPoints: points.map(([x, y], id) => ({ x, y, id })),
  });
  const middle = async node => {
    const box = await node.boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const carry = async (from, to) => {
    const [a, b] = [await middle(from), Array.isArray(to) ? to : await middle(to)];
    await touch('touchStart', a);
    await touch('touchMove', [a[0] + 20, a[1]]);
    for (const share of [0.3, 0.6, 0.9, 1]) await touch('touchMove', a.map((start, i) => start + (b[i] - start) * share));
  };
  await carry(page.locator('[data-image=nginx]'), page.locator('.canvas [data-network=net-b]'));
  await comes(() => page.locator('.transport').innerText(), /docker run -d --name nginx --network net-b nginx\s+Esc cancel/);
  await picture('hands-image');
  await touch('touchEnd');
  await container('nginx').waitFor();
  await page.getByRole('button', { name: 'Close the list of images' }).tap();
  await carry(container('serviceB'), container('nginx'));
  await comes(() => page.locator('.transport').innerText(), /docker exec serviceB/);
  await touch('touchEnd');
  // The menu has just come to where the finger was: a tap that is too early is repeated.
  await item('Connect to nginx:80').waitFor();
  await comes(async () => {
    if (await item('Connect to nginx:80').isVisible()) await item('Connect to nginx:80').tap();
    return page.getByRole('menu').count();
  }, 0);
  await typed('docker exec serviceB curl http://nginx:80');
  await touch('touchStart', await middle(container('serviceB')));
  await page.getByRole('menu').waitFor();
  await touch('touchEnd');
  await item('Move to…').tap();
  await item('net-a').tap();
  await typed('docker network connect net-a serviceB');

  // A network is drawn by taking it out of the list; Escape makes none.
  await page.getByRole('button', { name: 'Container', exact: true }).tap();
  const host = await page.locator('.canvas [data-machine=hostA] .host').boundingBox();
  await carry(page.locator('[data-new]'), [host.x + host.width - 6, host.y + host.height - 6]);
  await touch('touchEnd');
  await page.locator('[data-draft]').fill('drawn');
  await press('Enter');
  await page.locator('.canvas [data-network=drawn]').waitFor();
}
