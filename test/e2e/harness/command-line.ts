import { join } from 'node:path';
import { execa } from 'execa';
import { PROGRAM } from './set-up.ts';

export interface CommandResult {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** `factory <args> --config factory.yaml` in a folder that `writeFactoryFiles` filled; resolves when it has ended. */
export async function factoryCommand(
  folder: string,
  args: readonly string[],
  timeout = 30_000,
): Promise<CommandResult> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [PROGRAM, ...args, '--config', 'factory.yaml'],
    { cwd: folder, reject: false, timeout, env: { FACTORY_SETUP: join(folder, 'setup.json') } },
  );
  return { code: exitCode, stdout, stderr };
}

/** `factory serve` on a configuration that should not do; resolves when it has ended. */
export function serveToItsEnd(folder: string): Promise<CommandResult> {
  return factoryCommand(folder, ['serve']);
}
