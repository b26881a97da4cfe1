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
const OPTIONS = ['--test', '--test-force-exit', '--test-timeout=300000', '--test-reporter=spec'];

/** Runs the files; the ones that failed. @param {string[]} files */
const run = (files) => files.filter((file) => spawnSync(process.execPath, [...OPTIONS, file], { stdio: 'inherit' }).status !== 0);

/** More than a beat missed here and there is not the machine's fault. */
const AGAIN = 3;

const failed = run(files);
if (failed.length === 0) process.exit(0);
const names = (/** @type {string[]} */ list) => list.map((file) => path.basename(file)).join(', ');
if (failed.length > AGAIN) {
  console.error(`failed: ${names(failed)}`);
  process.exit(1);
}
console.error(`failed, and run once more: ${names(failed)}`);
const still = run(failed);
const unsteady = failed.filter((file) => !still.includes(file));
if (unsteady.length) console.error(`unsteady: ${names(unsteady)}`);
if (still.length) console.error(`failed twice: ${names(still)}`);
process.exit(still.length ? 1 : 0);
