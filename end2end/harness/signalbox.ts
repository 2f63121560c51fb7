// A Signalbox of a test's own: the built binary on a free port, with an empty data folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Signalbox {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  url: string;
  /** The one-time link that creates the first administrator and organization. */
  setupLink: string;
  dataDir: string;
  /** Everything the server printed so far. */
  output(): string;
  /** Asks the server to stop, and fails when it does not stop well. Its data stays for {@link start}. */
  halt(): Promise<void>;
  /** Starts it again after {@link halt}, on the same address and data. */
  start(): Promise<void>;
  /** Stops the server and takes its data away. */
  stop(): Promise<void>;
}

export interface Options {
  args?: string[];
  env?: Record<string, string>;
}

const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 15_000;
const ASK_EVERY_MS = 50;

export async function startSignalbox({ args = [], env = {} }: Options = {}): Promise<Signalbox> {
  const binary = process.env.SIGNALBOX_BIN;
  if (!binary) {
    throw new Error('SIGNALBOX_BIN does not name the server; run `cargo xtask test --only browser`');
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-end2end-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  let printed = '';
  let server: Running | undefined;

  async function start(): Promise<void> {
    const before = printed.length;
    server = run(binary!, args, { dataDir, url, env }, (text) => (printed += text));
    const deadline = Date.now() + START_WITHIN_MS;
    // What it says last; requests are answered a moment before.
    while (!printed.includes('Signalbox is ready', before) || !(await isReady(url))) {
      if (server.over() || Date.now() > deadline) {
        const reason = server.over() ? 'ended' : 'was not ready in time';
        server.kill('SIGKILL');
        throw new Error(`the server ${reason}; it printed:\n${printed}`);
      }
      await delay(ASK_EVERY_MS);
    }
  }

  async function halt(): Promise<void> {
    if (!server) return;
    const halting = server;
    server = undefined;
    halting.kill('SIGTERM');
    const late = setTimeout(() => halting.kill('SIGKILL'), STOP_WITHIN_MS);
    const [code, signal] = await halting.ended;
    clearTimeout(late);
    if (code !== 0) {
      throw new Error(`the server did not stop well (${signal ?? `exit code ${code}`}); it printed:\n${printed}`);
    }
  }

  async function stop(): Promise<void> {
    try {
      await halt();
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  }

  try {
    await start();
    const setupLink = /https?:\/\/\S+\/setup\?token=\S+/.exec(printed)?.[0];
    if (!setupLink) throw new Error(`the server printed no set-up link:\n${printed}`);
    return { url, setupLink, dataDir, output: () => printed, halt, start, stop };
  } catch (error) {
    server?.kill('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
    throw error;
  }
}

type End = [code: number | null, signal: NodeJS.Signals | null];

interface Running {
  ended: Promise<End>;
  over(): boolean;
  kill(signal: NodeJS.Signals): void;
}

function run(
  binary: string,
  args: string[],
  at: { dataDir: string; url: string; env: Record<string, string> },
  print: (text: string) => void,
): Running {
  const server = spawn(binary, ['serve', '--allow-private-destinations', ...args], {
    // In the data folder, where no signalbox.toml of the developer's is read.
    cwd: at.dataDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...withoutSettings(process.env),
      SIGNALBOX_LISTEN: new URL(at.url).host,
      SIGNALBOX_DATA_DIR: at.dataDir,
      ...at.env,
    },
  });
  for (const stream of [server.stdout, server.stderr]) stream.setEncoding('utf8').on('data', print);
  server.on('error', (error) => print(`${error}\n`));
  const over = () => server.exitCode !== null || server.signalCode !== null || server.pid === undefined;
  return {
    ended: new Promise<End>((resolve) => server.on('close', (...end: End) => resolve(end))),
    over,
    // Never for a process that did not start: without an id, the signal would go to this process's own group.
    kill: (signal) => void (over() || server.kill(signal)),
  };
}

/** The developer's own settings must not reach the server under test. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('SIGNALBOX_')));
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    // Nobody listens yet; the deadline of the caller says when that is too long.
    return false;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
