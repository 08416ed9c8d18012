import { InvalidArgumentError } from 'commander';
import { duration } from '../../config/values.ts';
import { newSessionEndText, sessionEndText } from '../../words/session-end.ts';
import { type AddCommand, type CommandContext, STATUS } from '../command-context.ts';

export const addExtendCommand: AddCommand = (program, carry) => {
  program
    .command('extend')
    .description('when your session ends, and with a time (extend 30m) make it longer')
    .argument('[time]', 'such as 30m or 1h', parseTime)
    .action((ms: number | undefined) =>
      carry((context) => (ms === undefined ? tell(context) : extend(context, ms))),
    );
};

async function tell({ io, sessionLimit, clock }: CommandContext): Promise<number> {
  io.print(sessionEndText(sessionLimit, clock.now(), (time) => `${io.name} extend ${time}`));
  return STATUS.ok;
}

async function extend({ api, io, clock }: CommandContext, ms: number): Promise<number> {
  const endsAt = await api.extend(ms, io.signal);
  io.print(newSessionEndText(endsAt, clock.now()));
  return STATUS.ok;
}

function parseTime(text: string): number {
  const ms = duration.safeParse(text);
  if (ms.success && ms.data > 0) return ms.data;
  throw new InvalidArgumentError('It is a time such as 30m or 1h.');
}
