// `npm test [part of a file's name …]`: runs the test files one after another (two cores: side by side they would disturb each
// other's clocks) against the release binary.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { BINARY } from './fixtures/server.mjs';

if (!existsSync(BINARY)) {
  console.error(`${BINARY} is missing: run \`cargo build --release\` at the root, or name a binary in STALK_BIN`);
  process.exit(2);
}
const wanted = process.argv.slice(2);
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.test.mjs') && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .map((name) => path.join(import.meta.dirname, name));
// Forced to exit: a handle that stays open after the last test would make the runner wait, and fail what has passed.
const options = ['--test', '--test-force-exit', '--test-concurrency=1', '--test-timeout=300000', '--test-reporter=spec'];
process.exit(spawnSync(process.execPath, [...options, ...files], { stdio: 'inherit' }).status ?? 1);
