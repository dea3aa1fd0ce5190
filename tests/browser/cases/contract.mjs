import assert from 'node:assert/strict';
import { comes } from '../steps.mjs';

export const name = 'window.drydock runs commands, tells what stands where and what travelled, and resets';

export async function run(page) {
  const shell = (machine, line) => page.evaluate(([machine, line]) => window.drydock.run(machine, line), [machine, line]);
  assert.equal(await page.evaluate(() => window.drydock.version), 1);
  assert.deepEqual(await shell('hostA', 'echo hello; false'), { output: 'hello\n', exit: 1 });
  assert.deepEqual(await shell('laptop', 'hostname'), { output: 'laptop\n', exit: 0 });

  const { output, exit } = await shell('hostA', 'docker run -d --name web -p 8080:80 nginx');
  assert.match(output, /^[0-9a-f]{64}\n$/);
  assert.equal(exit, 0);
  const topology = await page.evaluate(() => window.drydock.topology());
  const host = topology.machines.find(machine => machine.name === 'hostA');
  assert.deepEqual(host.containers.map(container => container.name), ['web']);

  const page80 = await shell('laptop', 'curl -s http://192.168.1.10:8080');
  assert.match(page80.output, /Welcome to nginx!/);
  const journeys = await page.evaluate(() => window.drydock.journeys());
  assert.ok(journeys.some(journey => journey.label === 'SYN' && journey.hops.some(hop => hop.changes.length > 0)),
    'a SYN had its destination rewritten on its way');

  await assert.rejects(shell('nowhere', 'true'), /no machine called nowhere/);
  await page.evaluate(() => window.drydock.reset());
  assert.deepEqual((await page.evaluate(() => window.drydock.journeys())), []);
  await comes(() => page.locator('[data-container]').count(), 0);
}
