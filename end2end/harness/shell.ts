// Runs the commands that the console hands out, the way a person does: pasted into a shell.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** Runs `command` with `sh`, where `signalbox` is the server under test; resolves with what it printed. */
export async function paste(command: string, variables: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-shell-'));
  try {
    await symlink(resolve(process.env.SIGNALBOX_BIN!), join(folder, 'signalbox'));
    const { stdout } = await promisify(execFile)('sh', ['-c', command], {
      cwd: folder,
      env: { PATH: `${folder}:${process.env.PATH}`, HOME: folder, ...variables },
    });
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
