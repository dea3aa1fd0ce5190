// Prints what the wasm build of the scenes and recordings prints: `node replay.mjs PROGRAM RECORDING...`, where PROGRAM is
// wasm-bindgen's script.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse } from 'node:path';

const [program, ...recordings] = process.argv.slice(2);
const { digests, played } = createRequire(import.meta.url)(program);
process.stdout.write(digests());
for (const file of recordings) process.stdout.write(played(parse(file).name, readFileSync(file, 'utf8')));
