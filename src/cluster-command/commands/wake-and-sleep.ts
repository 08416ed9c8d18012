import { type AddCommand, type CommandContext, STATUS } from '../command-context.ts';
import { eachNew } from '../steps.ts';

export const addStartCommand: AddCommand = (program, carry) => {
  program
    .command('start')
    .description('wake the cluster, or make one, and wait until it is ready')
    .action(() => carry(start));
};

export const addSuspendCommand: AddCommand = (program, carry) => {
  program
    .command('suspend')
    .description('pause the cluster; it keeps its memory, and wakes in a moment')
    .action(() =>
      carry(async ({ api, io }) => {
        await api.suspend(io.signal);
        io.print(`Your cluster is suspended.\n${untilWhen(io.name)}`);
        return STATUS.ok;
      }),
    );
};

export const addStopCommand: AddCommand = (program, carry) => {
  program
    .command('stop')
    .description('stop the cluster; all that is in it stays')
    .action(() =>
      carry(async ({ api, io }) => {
        await api.stop(io.signal);
        io.print(`Your cluster is stopped.\n${untilWhen(io.name)}`);
        return STATUS.ok;
      }),
    );
};

function untilWhen(name: string): string {
  return `It stays so until you type ${name} start, or log in anew.`;
}

async function start({ api, io }: CommandContext): Promise<number> {
  const tell = eachNew((line) => io.note(line));
  const { urls } = await api.ensure(
    ({ part, action, step }) => tell(`${part}: ${step || action}`),
    io.signal,
  );
  io.print(`Your cluster is ready. Its Ingresses answer at ${urls.http}`);
  return STATUS.ok;
}
