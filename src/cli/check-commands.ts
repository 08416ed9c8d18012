import { resolve } from 'node:path';
import { z } from 'zod';
import { configSchema } from '../config/schema.ts';
import { loadLabs } from '../labs/load-labs.ts';
import { loadSettings } from './settings.ts';
import { readSetupFile } from './setup-file.ts';
import type { Surroundings } from './surroundings.ts';

/** `factory config check`: reads all that `serve` would, and starts nothing. Rejects as `loadSettings` does. */
export async function checkConfig(file: string | undefined, surroundings: Surroundings): Promise<void> {
  const { setup } = await readSetupFile(surroundings);
  const { config, labs, notes } = await loadSettings(file, setup, surroundings);
  for (const note of notes) surroundings.say(note);
  const names = labs.all().map(({ name }) => name);
  surroundings.say(
    `${file ?? 'The default configuration'} is fine: domain ${config.domain}, labs ${names.join(', ')}.`,
  );
}

/** `factory config schema` */
export function printConfigSchema({ say }: Surroundings): void {
  say(JSON.stringify(z.toJSONSchema(configSchema, { io: 'input' }), undefined, 2));
}

/** `factory lab check`: `path` is a lab or holds labs. Rejects with `LAB_INVALID`. */
export async function checkLabs(path: string, { workingFolder, say }: Surroundings): Promise<void> {
  const labs = await loadLabs({
    folders: [resolve(workingFolder, path)],
    lifecycle: { grace: 0, stopAfter: undefined },
    workingFolder,
  });
  for (const { name, cluster } of labs.all()) {
    say(`The lab ${name} is fine: ${cluster === undefined ? 'a container' : 'a container and a cluster'}.`);
  }
}
