import assert from 'node:assert/strict';
import { comes, execute, finish, names } from '../steps.mjs';

export const name = 'a Compose file is pasted, mended, brought up, verified and exported';

// The three-tier file of the exercise, with a slip in it.
const TIERS = `services:
  nginx:
    image: nginx:alpine
    ports:
      - "80:80" # only nginx is published
    networks:
      - frontend # shares network with api only
    depends_on:
      - api

  api:
    image: myapi:latest
    networks:
      - frontend # reachable by nginx
      - backnd # can reach postgres

  postgres:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: secret
    networks:
      - backend # only api can reach it

networks:
  frontend:
  backend:
`;

const input = page => page.locator('[data-editor-input]');

export async function run(page, { kind, picture }) {
  await page.getByRole('tab', { name: 'Compose' }).click();
  await input(page).focus();
  await page.keyboard.insertText(TIERS);

  // What is wrong is said under its line, with its fix, and Up waits for that.
  const up = page.getByRole('button', { name: 'Up', exact: true });
  await comes(() => page.locator('[data-fault]').innerText(), /service "api" refers to undefined network backnd: invalid compose project/);
  await comes(() => up.isDisabled(), true, 'a broken file cannot be brought up');
  await picture(`editor-broken-${kind}`);
  await page.locator('[data-fault] [data-mend]').click();
  await comes(() => input(page).inputValue(), /- backend # can reach/);
  await comes(() => page.locator('[data-problems]').getAttribute('data-problems'), '0');
  await comes(() => page.locator('[data-deed=create]').innerText(), /root_backend, root_frontend, root-api-1, root-nginx-1, root-postgres-1/);
  await picture(`editor-good-${kind}`);

  // Keys are completed from the table, and the field's own undo takes it back.
  await input(page).press('Control+End');
  await page.keyboard.type('vol');
  const suggestions = page.locator('#suggestions [role=option]');
  await comes(() => suggestions.first().innerText(), /^volumes:/);
  await picture(`editor-suggests-${kind}`);
  await page.keyboard.press('Tab');
  await comes(() => input(page).inputValue(), /\nvolumes:$/);
  for (let i = 0; i < 20 && !(await input(page).inputValue()).endsWith('backend:\n'); i += 1) await page.keyboard.press('Control+z');
  await comes(() => input(page).inputValue(), TIERS.replace('backnd', 'backend'), 'undo leads back');

  // Up types the command; the five verifications.
  await up.click();
  assert.match(await finish(page), /Container root-nginx-1 +Started/);
  await comes(() => names(page, 'data-container'), ['root-api-1', 'root-nginx-1', 'root-postgres-1']);
  await comes(() => page.locator('[data-deed=keep]').innerText(), /root-nginx-1/);
  assert.match(await execute(page, 'curl -s http://localhost | head -4'), /Welcome to nginx!/);
  assert.match(await execute(page, 'curl http://localhost:3000'), /Failed to connect|Could not connect/);
  assert.match(await execute(page, 'curl http://localhost:5432'), /Failed to connect|Could not connect/);
  assert.match(await execute(page, "docker compose exec api psql -h postgres -U postgres -tc 'select 42'"), /42/);
  assert.match(await execute(page, 'docker compose exec nginx ping -c 1 api'), /1 packets received|1 received/);
  assert.match(await execute(page, 'docker compose exec nginx ping -c 1 postgres'), /bad address|not known/);
  await picture(`editor-up-${kind}`);

  // The file survives undo and redo as everything else does, and the lab goes out as files.
  assert.match(await execute(page, 'cat compose.yaml'), /- backend #/);
  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: /Compose file/ }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'compose.yaml');

  // A dropped file is loaded; one of another kind is refused plainly.
  await drop(page, 'picture.png', 'x');
  await comes(() => page.locator('.toast').innerText(), /picture\.png was not loaded/);
  await drop(page, 'mine.yaml', 'services:\n  one:\n    image: redis:7\n');
  await page.waitForFunction(() => document.querySelector('[data-editor-input]').value.includes('redis:7'));

  // A key without effect is noted, and Up does not wait for it.
  await input(page).press('Control+End');
  await page.keyboard.insertText('    cpus: 0.5');
  await comes(() => page.locator('[data-remark]').innerText(), /cpus has no effect here/);
  await comes(() => page.locator('#editor-faults').innerText(), /Line 4\s*cpus has no effect here/);
  await comes(() => page.locator('[data-problems]').getAttribute('data-problems'), '0');
  await comes(() => up.isDisabled(), false, 'what has no effect can be brought up');
  await picture(`editor-remark-${kind}`);
}

function drop(page, name, text) {
  return page.evaluate(([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, [name, text]);
}
