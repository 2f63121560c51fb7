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
  /** Asks the server to stop, and fails when it does not stop well. */
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
  const server = spawn(binary, ['serve', '--allow-private-destinations', ...args], {
    // In the data folder, where no signalbox.toml of the developer's is read.
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...withoutSettings(process.env),
      SIGNALBOX_LISTEN: new URL(url).host,
      SIGNALBOX_DATA_DIR: dataDir,
      ...env,
    },
  });
  let printed = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  server.on('error', (error) => (printed += `${error}\n`));
  type End = [code: number | null, signal: NodeJS.Signals | null];
  const ended = new Promise<End>((resolve) => server.on('close', (...end: End) => resolve(end)));

  const over = () => server.exitCode !== null || server.signalCode !== null || server.pid === undefined;
  const setupLink = () => /https?:\/\/\S+\/setup\?token=\S+/.exec(printed)?.[0];
  const deadline = Date.now() + START_WITHIN_MS;
  while (!setupLink() || !(await isReady(url))) {
    if (over() || Date.now() > deadline) {
      const reason = over() ? 'ended' : 'was not ready in time';
      // Never for a process that did not start: without an id, the signal would go to this process's own group.
      if (!over()) server.kill('SIGKILL');
      await rm(dataDir, { recursive: true, force: true });
      throw new Error(`the server ${reason}; it printed:\n${printed}`);
    }
    await delay(ASK_EVERY_MS);
  }

  return {
    url,
    setupLink: setupLink()!,
    dataDir,
    output: () => printed,
    async stop() {
      server.kill('SIGTERM');
      const late = setTimeout(() => server.kill('SIGKILL'), STOP_WITHIN_MS);
      const [code, signal] = await ended;
      clearTimeout(late);
      await rm(dataDir, { recursive: true, force: true });
      if (code !== 0) {
        throw new Error(`the server did not stop well (${signal ?? `exit code ${code}`}); it printed:\n${printed}`);
      }
    },
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
