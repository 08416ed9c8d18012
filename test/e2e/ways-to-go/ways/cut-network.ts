import { basename } from 'node:path';
import { ClientMachine, type Direction } from '../../harness/client-machine.ts';
import { SILENCE, type Stay, type Way } from '../way.ts';

function cut(name: string, ...directions: readonly Direction[]): Way {
  return {
    name: `the network cut ${name}`,
    noticedWithin: SILENCE,
    come: async ({ student, factory }): Promise<Stay> => {
      const stack = new AsyncDisposableStack();
      const machine = stack.use(await ClientMachine.boot(student, basename(factory.folder)));
      const client = stack.use(machine.ssh(student.sshArguments({}, 'echo in the container; exec cat')));
      await client.shows('in the container');
      return {
        leave: () => machine.cut(...directions),
        [Symbol.asyncDispose]: () => stack.disposeAsync(),
      };
    },
  };
}

export const CUT_NETWORK: readonly Way[] = [
  cut('both ways', 'to the factory', 'from the factory'),
  cut('on the way to the factory', 'to the factory'),
  cut('on the way back', 'from the factory'),
];
