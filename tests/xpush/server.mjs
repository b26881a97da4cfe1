// A server of the tests' own, on port 8000, which XPUSH's client library has built in: on a loopback address that nobody else uses.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const BINARY = process.env.STALK_BIN ?? path.join(ROOT, 'target/release/stalk');
export const ADMIN_TOKEN = 'for the tests only';
/** How long an event may take on a busy machine. */
export const PATIENCE = 30_000;

/** Resolves with what the promise does, or says what did not come. */
export function soon(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not in time`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export class Server {
  #child;
  #data = mkdtempSync(path.join(os.tmpdir(), 'stalk-xpush-'));

  constructor() {
    // Linux answers on all of 127.0.0.0/8.
    const part = () => 1 + Math.floor(Math.random() * 250);
    this.host = `127.${part()}.${part()}.${part()}`;
    this.url = `http://${this.host}:8000`;
    this.console = `http://${this.host}:8001`;
  }

  static async start(args = []) {
    if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: cargo build --release, or name one in STALK_BIN`);
    const server = new Server();
    const { DATABASE_URL, REDIS_URL, SMTP_URL, ...inherited } = process.env;
    const listen = { STALK_LISTEN: 8001, STALK_WIDGET_LISTEN: 8000, STALK_METRICS_LISTEN: 8002 };
    const listeners = Object.fromEntries(Object.entries(listen).map(([name, port]) => [name, `${server.host}:${port}`]));
    const env = { ...inherited, ...listeners, STALK_DATA: server.#data, STALK_CONNECTIONS_PER_ADDRESS: '0', STALK_XPUSH_ADMIN_TOKEN: ADMIN_TOKEN };
    const log = openSync(path.join(server.#data, 'log'), 'a');
    server.#child = spawn(BINARY, ['serve', '--xpush-open-app', 'demo', ...args], { env, stdio: ['ignore', 'ignore', log] });
    process.once('exit', () => server.#child.kill('SIGKILL'));
    await soon('the server', server.#answers());
    return server;
  }

  async #answers() {
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error(`the server ended with ${this.#child.exitCode}; see ${this.#data}/log`);
      try {
        await this.json('/status/ping');
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  async json(address) {
    const answer = await fetch(this.url + address);
    return answer.json();
  }

  /** Ends it as an operator of machines does, and waits for it. */
  async stop() {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await soon('the end of the server', ended);
    rmSync(this.#data, { recursive: true, force: true });
  }
}

/** Events of a Socket.IO socket, kept from the beginning, so that none is missed between two waits. */
export class Heard {
  #waiting = [];
  #kept = [];

  constructor(socket, ...names) {
    for (const name of names) socket.on(name, (...args) => this.#come({ name, args }));
  }

  #come(event) {
    const at = this.#waiting.findIndex(({ fits }) => fits(event));
    if (at >= 0) this.#waiting.splice(at, 1)[0].resolve(event);
    else this.#kept.push(event);
  }

  /** The next event of a name of which this is true; earlier ones of other kinds stay. */
  next(name, is = () => true) {
    const fits = (event) => event.name === name && is(...event.args);
    const at = this.#kept.findIndex(fits);
    if (at >= 0) return Promise.resolve(this.#kept.splice(at, 1)[0].args);
    return soon(`event ${name}`, new Promise((resolve) => this.#waiting.push({ fits, resolve: (event) => resolve(event.args) })));
  }

  /** What came and was not waited for. */
  get rest() {
    return this.#kept;
  }
}
