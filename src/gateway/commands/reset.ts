import type { SessionChannel } from '../channels/session-channel.ts';
import { followProgress } from '../waiting/follow-progress.ts';
import { type CommandContext, FAILED, type GatewayCommand, OK, USAGE } from './gateway-command.ts';

const WHAT_IT_DOES =
  'This rebuilds your container from its image: all your sessions in it end, and what you installed or changed outside of your home is gone. Your home and your cluster stay.';

export const resetCommand: GatewayCommand = {
  name: '@reset',
  summary: 'rebuild the container from its image; your home stays (--yes: without asking)',
  async run(context) {
    const { channel, lease, note, print } = context;
    const confirmed = await isConfirmed(context);
    if (confirmed !== 'yes') return confirmed === 'no' ? FAILED : USAGE;
    using _progress = followProgress(lease, 'container', note);
    await lease.resetContainer(channel.signal);
    print('The container is new, and your home is as it was.');
    return OK;
  },
};

async function isConfirmed({
  args,
  channel,
  note,
  print,
}: CommandContext): Promise<'yes' | 'no' | 'unclear'> {
  if (args.some((arg) => arg !== '--yes')) {
    note('Usage: @reset [--yes]');
    return 'unclear';
  }
  if (args.length > 0) return 'yes';
  if (channel.pty === undefined) {
    note(`${WHAT_IT_DOES}\nTo go on, type: @reset --yes`);
    return 'unclear';
  }
  print(WHAT_IT_DOES);
  channel.stdout.write('Go on? [y/N] ');
  const key = await readKey(channel);
  print(/^y$/i.test(key) ? 'y' : 'n');
  if (/^y$/i.test(key)) return 'yes';
  print('Nothing was changed.');
  return 'no';
}

/** The first key that is pressed; empty when the input ends or the client goes. */
async function readKey({ stdin, signal }: SessionChannel): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const typed = (chunk: Buffer): void => resolve(chunk.toString('latin1').slice(0, 1));
  const nothing = (): void => resolve('');
  stdin.once('data', typed);
  stdin.once('end', nothing);
  signal.addEventListener('abort', nothing);
  try {
    return await promise;
  } finally {
    stdin.off('data', typed);
    stdin.off('end', nothing);
    signal.removeEventListener('abort', nothing);
  }
}
