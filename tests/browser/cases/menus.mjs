import { SETUP, comes, execute, executeAll, finish, names, screen } from '../steps.mjs';

export const name = 'menus, images and contacts: what is chosen or dropped is typed, and Escape backs out';

export async function run(page, { picture, kind }) {
  await executeAll(page, SETUP);
  const container = who => page.locator(`[data-container=${who}]`);
  const typed = async line => {
    await finish(page);
    await comes(() => screen(page), new RegExp(`root@hostA:~# ${line}$`, 'm'));
  };

  // The right button offers what can be done; Escape does nothing.
  await container('serviceA').click({ button: 'right' });
  await page.getByRole('menu').waitFor();
  await picture(`menu-${kind}`);
  await page.keyboard.press('Escape');
  await comes(() => page.getByRole('menu').count(), 0);
  await container('serviceA').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Stop' }).click();
  await typed('docker stop serviceA');
  await container('serviceA').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Start' }).click();
  await typed('docker start serviceA');

  // Deleting says so, and is undone.
  await container('serviceB').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.waitForFunction(() => !document.querySelector('[data-container=serviceB]'));
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await container('serviceB').waitFor();

  // An image is dragged onto a network, and runs there.
  await page.getByRole('button', { name: 'Container', exact: true }).click();
  await drag(page, page.locator('[data-image="nginx"]'), page.locator('[data-network=net-a]'));
  await comes(() => page.locator('.transport').innerText(), /docker run -d --name nginx --network net-a nginx/);
  await page.mouse.up();
  await container('nginx').waitFor();
  await page.keyboard.press('Escape');

  // One container is dragged onto another; there is one thing it can say, and it says it.
  await drag(page, container('serviceA'), container('nginx'));
  await comes(() => page.locator('.transport').innerText(), /docker exec serviceA/);
  await page.mouse.up();
  await typed('docker exec serviceA curl http://nginx:80');

  // A new network, after its name was asked for, and one network only: what is typed takes the proposal's place.
  const canvas = await page.locator('.canvas').boundingBox();
  await page.mouse.click(canvas.x + 4, canvas.y + canvas.height - 4, { button: 'right' });
  await page.getByRole('menuitem', { name: 'Network' }).click();
  await page.locator('[data-draft]').waitFor();
  await page.keyboard.type('shop');
  await comes(() => page.locator('.draft').innerText(), /docker network create shop/);
  await page.keyboard.press('Enter');
  await page.locator('[data-network=shop]').waitFor();
  await comes(() => names(page, 'data-network'), ['bridge', 'net-a', 'net-b', 'shop']);
  await page.locator('[data-find]').fill('service');
  await comes(() => page.locator('.found').innerText(), /2 of 3/);
  await page.locator('[data-find]').press('Escape');

  // What fails without a packet is told with a way out, which is typed.
  await execute(page, 'docker run -d --name one -p 80:80 nginx');
  await execute(page, 'docker run -d --name two -p 80:80 nginx');
  await comes(() => page.locator('.toast.bad').innerText(), /two was created but did not start\.\s+Port 80 already belongs to one\./);
  await comes(() => page.locator('.ln', { hasText: 'docker run --help' }).getAttribute('class'), 'ln out', 'advice is no error');
  await page.locator('.toast [data-next]').click();
  await typed('docker rm two && docker run -d --name two -p 81:80 nginx');
}

async function drag(page, from, to) {
  const [start, end] = [await from.boundingBox(), await to.boundingBox()];
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 8 });
}
