import { join } from 'node:path';
import { execa } from 'execa';
import { PROGRAM } from './set-up.ts';

export interface CommandResult {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** `factory <args>` as an operator types it beside the `factory.yaml` in `folder`, to its end. Never rejects for what it says. */
export async function factoryCommand(folder: string, ...args: readonly string[]): Promise<CommandResult> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [PROGRAM, ...args, '--config', 'factory.yaml'],
    {
      cwd: folder,
      reject: false,
      timeout: 30_000,
      env: { FACTORY_SETUP: join(folder, 'setup.json') },
    },
  );
  return { code: exitCode, stdout, stderr };
}

/** `factory serve` on a configuration that should not do; resolves when it has ended. */
export function serveToItsEnd(folder: string): Promise<CommandResult> {
  return factoryCommand(folder, 'serve');
}
