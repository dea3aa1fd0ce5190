// The browser, started the same way for tests and for benchmarks.

import { chromium } from 'playwright-core';

// No sandbox, because containers and CI run as root; no GPU, so that every machine draws the same pixels; and nothing
// that would talk to the network by itself.
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'];

export function launch(program) {
  return chromium.launch({ executablePath: program, args: FLAGS });
}
