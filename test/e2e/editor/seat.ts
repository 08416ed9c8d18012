import type { ClientMachine } from '../harness/client-machine.ts';

/** The computer on which an editor runs its `ssh`. */
export interface Seat {
  /** Program and arguments that run `ssh` there. */
  readonly ssh: (args: readonly string[]) => readonly [string, readonly string[]];
  /** Where `ssh` listens, and where the editor, which is this test, finds it. */
  readonly bind: string;
  readonly address: string;
}

/** This host. */
export const THIS_HOST: Seat = {
  ssh: (args) => ['ssh', args],
  bind: '127.0.0.1',
  address: '127.0.0.1',
};

/** One whose cable can be cut. */
export function seatAt(machine: ClientMachine): Seat {
  return { ssh: (args) => machine.sshCommand(args), bind: '0.0.0.0', address: machine.address };
}
