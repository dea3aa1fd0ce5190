// Prints what the wasm build of the scenes prints: `node replay.mjs PROGRAM`, where PROGRAM is wasm-bindgen's script.

import { createRequire } from 'node:module';

const { digests } = createRequire(import.meta.url)(process.argv[2]);
process.stdout.write(digests());
