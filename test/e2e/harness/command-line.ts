import { join } from 'node:path';
import { execa } from 'execa';
import { PROGRAM } from './set-up.ts';

export interface CommandResult {
  readonly code: number | undefined;
  readonly stderr: string;
}

/** `factory serve` on a configuration that should not do; resolves when it has ended. */
export async function serveToItsEnd(folder: string): Promise<CommandResult> {
  const { exitCode, stderr } = await execa(process.execPath, [PROGRAM, 'serve', '--config', 'factory.yaml'], {
    cwd: folder,
    reject: false,
    timeout: 30_000,
    env: { FACTORY_SETUP: join(folder, 'setup.json') },
  });
  return { code: exitCode, stderr };
}
