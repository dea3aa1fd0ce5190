import assert from 'node:assert/strict';
import { keeper } from '../looks.mjs';
import { comes, execute, finish, names } from '../steps.mjs';

export const name = 'a swarm of two hosts is drawn with its tunnels, its packets are nested, and left alone it rests';
export const on = 'site';
export const patience = 240_000;
export const options = { deviceScaleFactor: 1 };

export async function run(page, ctx) {
  const { state, complaints } = keeper(page, ctx);
  const packet = label => page.locator('[data-packet]', { hasText: label }).first().click();
  const hop = async verdict => page.locator(`[data-hop][data-verdict=${verdict}]`).first().getByRole('button').first().click();
  const away = () => page.mouse.move(700, 890);
  const thing = (kind, name) => page.locator(`.canvas [data-${kind}="${name}"]`).first();

  await page.locator('.pick').click();
  await page.locator('[data-start=swarm]').click();
  await away();
  await state('13-swarm');
  await page.locator('[data-next]').click();
  await finish(page);
  await packet(/^echo/);
  await hop('wrapped');
  await away();
  await state('13-swarm-wrapped');

  // What is within what: on the stage, and in the packet opened up.
  await comes(() => page.locator('.call').textContent(), /outer in UDP to 192\.168\.1\.20.*inner 10\.0\.1\.\d+ to 10\.0\.1\.\d+/);
  const layers = await page.locator('.lrow b').allTextContents();
  assert.deepEqual(layers.slice(0, 7), ['Ethernet', 'IPv4', 'UDP', 'VXLAN', 'Ethernet', 'IPv4', 'ICMP']);
  await comes(() => thing('network', 'span').textContent(), /VNI 4097/);
  assert.deepEqual(await names(page, 'data-network'), ['bridge', 'span']);
  const [said, bar] = [await page.locator('.call rect').boundingBox(), await page.locator('.canvas [data-network=span] .bar').first().boundingBox()];
  const apart = Math.max(said.y - bar.y - bar.height, bar.y - said.y - said.height);
  assert.ok(apart < 30, `what is said of the packet stands ${apart} pixels from its bar`);
  assert.match(await page.locator('.dock [role=tablist]').innerText(), /hostA\s+manager[^]*hostB\s+worker/);

  await execute(page, 'docker service create --name web --replicas 3 --network span -p 8080:80 nginx');
  await away();
  await state('13-swarm-service');
  await rests(page);

  // A task is the service's: who wants more or less of it says so to the service.
  const task = page.locator('.canvas [data-container^="web."]').first();
  await task.click({ button: 'right' });
  const items = await page.getByRole('menuitem').allTextContents();
  assert.ok(items.some(item => item.startsWith('Scale web to 4')) && !items.some(item => /rm -f/.test(item)), items.join('\n'));
  await state('13-swarm-task-menu', { covered: true });
  await page.keyboard.press('Escape');
  await task.focus();
  await page.keyboard.press('c');
  await state('13-swarm-task-connect', { covered: true });
  await page.keyboard.press('Escape');
  await thing('network', 'span').click();
  await comes(() => page.locator('.side').innerText(), /web\s+10\.0\.1\.\d+\s+10\.0\.1\.\d+ /);
  await state('13-swarm-network');

  // The service's address, and a port of a machine: IPVS chooses a task.
  await page.locator('#tab-journey').click();
  await execute(page, 'docker exec left wget -qO- http://web');
  await away();
  await state('13-swarm-vip');
  await execute(page, 'curl http://192.168.1.20:8080');
  await packet(/^SYN$/);
  await comes(() => names(page, 'data-network'), ['bridge', 'docker_gwbridge', 'ingress', 'span']);
  await away();
  await state('13-swarm-mesh');
  const width = what => page.locator(what).evaluate(node => node.getBoundingClientRect().width);
  assert.ok(await width('.canvas svg[role=group]') <= await width('.canvas') + 2, 'eight bars fit the canvas');
  const height = what => page.locator(what).evaluate(node => node.getBoundingClientRect().height);
  assert.ok(await height('.canvas svg[role=group]') <= await height('.canvas') + 2, 'and so do the ranks below each other');
  await comes(() => complaints, [], 'everything fits');
}

/** Waits until the page has next to nothing to do: less than a twentieth of the time. */
function rests(page) {
  const spent = async () => {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable');
    const read = async () => (await cdp.send('Performance.getMetrics')).metrics.find(m => m.name === 'ScriptDuration').value;
    const before = await read();
    await page.waitForTimeout(2000);
    const share = (await read() - before) / 2;
    await cdp.detach();
    return share;
  };
  return comes(spent, share => share < 0.05, 'the page rests');
}
