import { duration } from '../../config/values.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { newSessionEndText, sessionEndText } from '../../words/session-end.ts';
import { sshCommand } from '../inner/inner-advice.ts';
import { type CommandContext, FAILED, type GatewayCommand, OK, USAGE } from './gateway-command.ts';

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
  print(sessionEndText(lease.limit, clock.now(), (time) => sshCommand(destination, `@extend ${time}`)));
  return OK;
}

function extend({ lease, clock, print, note }: CommandContext, ms: number) {
  try {
    print(newSessionEndText(lease.extend(ms), clock.now()));
    return OK;
  } catch (error) {
    // Nothing failed that the log should have.
    if (!(error instanceof FactoryError) || error.code !== 'EXTENSION_REFUSED') throw error;
    note(error.message);
    return FAILED;
  }
}
