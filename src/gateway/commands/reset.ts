import { FactoryError } from '../../errors/factory-error.ts';
import { followProgress } from '../../waiting/follow-progress.ts';
import { type CommandContext, FAILED, type GatewayCommand, OK, USAGE } from './gateway-command.ts';
import { readKey } from './read-key.ts';

type Part = 'container' | 'cluster';

const WHAT_IT_DOES: Readonly<Record<Part, string>> = {
  container:
    'This rebuilds your container from its image: all your sessions in it end, and what you installed or changed outside of your home is gone. Your home and your cluster stay.',
  cluster:
    'This makes a new cluster in the place of yours: everything in it goes, with all that its volumes hold. The state of the old one is kept aside, where the operator can look at it. Your home and your container stay.',
};

const DONE: Readonly<Record<Part, string>> = {
  container: 'The container is new, and your home is as it was.',
  cluster: 'The cluster is new. Your home and your container are as they were.',
};

export const resetCommand: GatewayCommand = {
  name: '@reset',
  summary: 'rebuild the container from its image, or make a new cluster (@reset cluster); your home stays',
  async run(context) {
    const { args, channel, lease, note, print } = context;
    const request = parse(args);
    if (request === undefined) {
      note('Usage: @reset [container|cluster] [--yes]');
      return USAGE;
    }
    const { part, confirmed } = request;
    if (part === 'cluster' && lease.clusterPhase().kind === 'none') {
      throw new FactoryError('LAB_WITHOUT_CLUSTER', 'This lab has no cluster.');
    }
    const answer = confirmed ? 'yes' : await ask(context, part);
    if (answer !== 'yes') return answer === 'no' ? FAILED : USAGE;
    using _progress = followProgress(lease, part, note);
    if (part === 'container') await lease.resetContainer(channel.signal);
    else await lease.resetCluster(channel.signal);
    print(DONE[part]);
    return OK;
  },
};

/** The container is what most want; undefined: the words mean nothing here. */
function parse(args: readonly string[]): { part: Part; confirmed: boolean } | undefined {
  const words = args.filter((arg) => arg !== '--yes');
  const confirmed = words.length < args.length;
  const [part = 'container', ...more] = words;
  if (more.length > 0 || (part !== 'container' && part !== 'cluster')) return undefined;
  return { part, confirmed };
}

async function ask(
  { channel, lease, note, print, args }: CommandContext,
  part: Part,
): Promise<'yes' | 'no' | 'unclear'> {
  if (channel.pty === undefined) {
    note(`${WHAT_IT_DOES[part]}\nTo go on, type: ${['@reset', ...args, '--yes'].join(' ')}`);
    return 'unclear';
  }
  print(WHAT_IT_DOES[part]);
  channel.stdout.write('Go on? [y/N] ');
  const key = await readKey(channel);
  lease.noteInput();
  print(/^y$/i.test(key) ? 'y' : 'n');
  if (/^y$/i.test(key)) return 'yes';
  print('Nothing was changed.');
  return 'no';
}
