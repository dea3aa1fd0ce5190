import assert from 'node:assert/strict';
import { comes } from '../steps.mjs';

export const name = 'the page opens, asks only its own origin for files, and complains of nothing';

export async function run(page, { url, kind, requests, picture }) {
  await page.locator('#app > *').first().waitFor();
  await comes(() => page.locator('#app .loading').count(), 0, 'the loading message is gone');
  if (kind === 'file') {
    assert.deepEqual(requests, [url], 'the single file asks for nothing but itself');
  } else {
    for (const request of requests) assert.ok(request.startsWith(url), `${request} is not below ${url}`);
  }
  await picture(`opens-${kind}`);
}
