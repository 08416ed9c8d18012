import { resolve } from 'node:path';
import type { Command } from 'commander';
import { loadLabs } from '../../labs/load-labs.ts';
import type { CommandLine } from '../command-line.ts';
import type { Surroundings } from '../surroundings.ts';

export function addLabCommand(program: Command, { surroundings }: CommandLine): void {
  program
    .command('lab')
    .description('look at labs')
    .command('check')
    .description('check a lab, or all labs in a folder')
    .argument('<path>')
    .action((path: string) => checkLabs(path, surroundings));
}

/** `path` is a lab or holds labs. Rejects with `LAB_INVALID`. */
async function checkLabs(path: string, { workingFolder, say }: Surroundings): Promise<void> {
  const labs = await loadLabs({
    folders: [resolve(workingFolder, path)],
    lifecycle: { grace: 0, stopAfter: undefined },
    workingFolder,
  });
  for (const { name, cluster } of labs.all()) {
    say(`The lab ${name} is fine: ${cluster === undefined ? 'a container' : 'a container and a cluster'}.`);
  }
}
