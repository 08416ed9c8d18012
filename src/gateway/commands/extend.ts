import { duration } from '../../config/values.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { inWords } from '../../words/time-span.ts';
import { sshCommand } from '../inner/inner-advice.ts';
import { type CommandContext, FAILED, type GatewayCommand, OK, USAGE } from './gateway-command.ts';

const ANEW = 'When it has ended, connect again at any time; everything is as you left it.';

/** Puts off the end that the lab's `max_session` sets, of all sessions that the user has in the workspace. */
export const extendCommand: GatewayCommand = {
  name: '@extend',
  summary: 'when your session ends, and with a time (@extend 30m) make it longer',
  async run(context) {
    const { args, note } = context;
    const [wanted, ...more] = args;
    if (wanted === undefined) return tell(context);
    const ms = duration.safeParse(wanted);
    if (more.length === 0 && ms.success && ms.data > 0) return extend(context, ms.data);
    note('Usage: @extend [TIME], with a time such as 30m or 1h.');
    return USAGE;
  },
};

function tell({ lease, clock, destination, print }: CommandContext) {
  const { limit } = lease;
  if (limit === undefined) {
    print('This lab sets no end to your session.');
    return OK;
  }
  const { endsAt, left } = limit;
  const more =
    left > 0
      ? `You can make it longer, by ${inWords(left)} at most: ${sshCommand(destination, `@extend ${asTyped(left)}`)}`
      : 'It cannot be made longer.';
  print(`Your session ends in ${inWords(endsAt - clock.now())}. ${more}\n${ANEW}`);
  return OK;
}

function extend({ lease, clock, print, note }: CommandContext, ms: number) {
  try {
    print(`Your session now ends in ${inWords(lease.extend(ms) - clock.now())}.`);
    return OK;
  } catch (error) {
    // Nothing failed that the log should have.
    if (!(error instanceof FactoryError) || error.code !== 'EXTENSION_REFUSED') throw error;
    note(error.message);
    return FAILED;
  }
}

/** As the command reads it: "30m", "90s". */
function asTyped(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}
