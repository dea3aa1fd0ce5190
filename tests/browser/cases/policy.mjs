import assert from 'node:assert/strict';

export const name = 'the content security policy stops foreign scripts, styles and connections';

export async function run(page, { problems }) {
  const policy = page.locator('meta[http-equiv="Content-Security-Policy"]');
  const text = await policy.getAttribute('content');
  assert.match(text, /default-src 'none'/);
  assert.doesNotMatch(text, /unsafe-inline|'unsafe-eval'/);
  const ran = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.foreignScriptRan = true';
    document.head.append(script);
    const style = document.createElement('style');
    style.textContent = 'body { outline: 7px solid red }';
    document.head.append(style);
    const connected = await fetch('https://example.invalid/').then(() => true, () => false);
    return { script: Boolean(window.foreignScriptRan), style: getComputedStyle(document.body).outlineWidth === '7px', connected };
  });
  assert.deepEqual(ran, { script: false, style: false, connected: false });
  assert.ok(problems.filter(problem => problem.includes('Content Security Policy')).length >= 3, problems.join('\n'));
  problems.length = 0;
}
