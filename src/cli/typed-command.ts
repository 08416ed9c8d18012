import type { Surroundings } from './surroundings.ts';

/** The program as the person has to type it again: `./factory` in a checkout, `npx ssh-lab-factory` where npx ran it. */
export function typedCommand({ env }: Pick<Surroundings, 'env'>): string {
  if (env.FACTORY_COMMAND) return env.FACTORY_COMMAND;
  return env.npm_command === 'exec' ? 'npx ssh-lab-factory' : 'factory';
}
