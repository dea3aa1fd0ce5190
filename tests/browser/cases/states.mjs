import { keeper } from '../looks.mjs';
import { comes, execute, executeAll, finish, playback, type } from '../steps.mjs';

export const name = 'every state of the design is shown in both themes, fits the window, and is kept as a picture';
export const on = 'site';
export const patience = 180_000;
export const options = { deviceScaleFactor: 1 };

export async function run(page, ctx) {
  const { state, complaints } = keeper(page, ctx);
  const size = async (width, height) => {
    await page.setViewportSize({ width, height });
    await page.waitForTimeout(300);
  };
  const begin = async start => {
    await page.locator('.pick').click();
    await page.locator(`[data-start=${start}]`).click();
    await page.locator('.toast').getByRole('button', { name: 'Dismiss' }).click();
  };
  const next = async start => {
    await page.locator('.pick').click();
    await page.locator(`[data-start=${start}]`).click();
    await page.locator('[data-next]').click();
    await finish(page);
  };
  const packet = async label => page.locator('[data-packet]', { hasText: label }).first().click();
  const hop = async verdict => page.locator(`[data-hop][data-verdict=${verdict}]`).first().getByRole('button').first().click();
  const tab = name => page.locator(`#tab-${name}`).click();
  const container = name => page.locator(`.canvas [data-container=${name}]`);
  const away = () => page.mouse.move(700, 890);

  await state('12-empty');
  for (const dialog of ['starts', 'settings', 'keys']) {
    await page.locator(`[data-dialog=${dialog}]`).click();
    await state(`12-${dialog}`, { covered: true });
    await page.keyboard.press('Escape');
  }
  await page.locator('[data-export]').click();
  await state('12-export', { covered: true });
  await page.keyboard.press('Escape');
  await page.locator('[data-dialog=keys]').click();
  await page.getByRole('button', { name: 'Show the tour' }).click();
  await state('12-tour', { covered: true });
  await page.locator('.tour .btn').first().click();

  // The way of a packet that is let in, paused where it is rewritten.
  await next('ports');
  await packet(/^SYN$/);
  await hop('rewritten');
  await away();
  await state('01-way');
  await size(390, 844);
  await page.getByRole('button', { name: 'Stage', exact: true }).click();
  for (const [width, height, name] of [[1024, 768, '08-projector'], [800, 480, '09-small'], [390, 844, '10-phone'], [320, 640, '10-phone-narrow']]) {
    await size(width, height);
    await state(name, { here: true });
  }
  await size(390, 844);
  for (const name of ['Terminal', 'Journey']) {
    await page.getByRole('button', { name, exact: true }).click();
    await state(`10-phone-${name.toLowerCase()}`, { here: true });
  }
  await page.getByRole('button', { name: 'Stage', exact: true }).click();
  await size(1440, 900);
  await tab('rules');
  await state('06-rules');
  await tab('events');
  await state('12-packets');

  // One that is lost, and the name that leads nowhere.
  await next('exercise');
  await tab('journey');
  await away();
  await state('12-name');
  await execute(page, 'docker exec serviceB ping -c 1 -W 1 172.18.0.2');
  await away();
  await state('02-dropped');
  for (const [width, height] of [[390, 844], [320, 640]]) {
    await size(width, height);
    await page.getByRole('button', { name: 'Stage', exact: true }).click();
    await state(`02-dropped-${width}`, { here: true });
  }
  await size(1440, 900);
  await container('serviceA').click();
  await state('12-inspector');
  await container('serviceA').click({ button: 'right' });
  await state('12-menu', { covered: true });
  await page.keyboard.press('Escape');
  await container('serviceA').focus();
  await page.keyboard.press('c');
  await state('12-connect', { covered: true });
  await page.keyboard.press('Escape');
  const [from, to] = [await container('serviceA').boundingBox(), await page.locator('.canvas [data-network=net-b]').boundingBox()];
  await page.mouse.move(from.x + 30, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 6 });
  await state('03-drag', { covered: true });
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await container('serviceA').dblclick();
  await page.locator('[data-inside=serviceA]').waitFor();
  await away();
  await state('11-inside');
  await page.keyboard.press('Escape');
  await execute(page, 'docker run -d -p 80:80 --name one nginx');
  await execute(page, 'docker run -d -p 80:80 --name two nginx');
  await state('12-refused');

  // Two machines.
  await next('pair');
  await tab('journey');
  await packet(/^SYN$/);
  await hop('rewritten');
  await away();
  await state('04-two-hosts');
  await size(1024, 768);
  await state('04-two-hosts-1024', { here: true });
  await size(390, 844);
  await state('04-two-hosts-phone', { here: true });
  await size(1440, 900);

  // The Compose file.
  await next('compose');
  await tab('editor');
  await away();
  await state('07-compose');
  await tab('journey');

  // Sixty containers, and one of their packets.
  await begin('empty');
  await executeAll(page, [
    'for n in a b c d e; do docker network create net-$n; for i in $(seq 12); do docker run -d --name $n$i --network net-$n busybox sleep 1d; done; done',
    'docker network connect net-b a1; docker network connect net-c a1',
  ]);
  await type(page, 'docker exec a1 ping -c 1 b1');
  await finish(page);
  await playback(page, 'ArrowLeft');
  await away();
  await state('05-sixty');
  await page.locator('.chip', { hasText: 'net-b' }).click();
  await away();
  await state('05-sixty-filtered');

  // Before anything is there: the program does not come.
  await page.route('**/*.wasm*', () => {});
  await page.goto(ctx.url, { waitUntil: 'commit' });
  await page.locator('#app .loading').waitFor();
  await state('12-loading');
  await comes(() => complaints, [], 'everything fits');
}
