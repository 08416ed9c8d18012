import { eventually } from '../../harness/eventually.ts';
import type { SshSession } from '../../harness/ssh-session.ts';
import { type Place, SILENCE, stay, type Way } from '../way.ts';

export function killed(signal: NodeJS.Signals): Way {
  return {
    name: `client kill ${signal.replace('SIG', '-')}`,
    come: async ({ student }) => stay(await student.hold(), (client) => client.kill(signal)),
  };
}

/** Of a client whose output nobody reads: everything on the way is full. */
async function flood({ student }: Place): Promise<SshSession> {
  const client = student.connect('echo flooding >&2; exec yes', { unread: true });
  await client.shows('flooding');
  return client;
}

/** Until a cluster that is being made is there; ms. */
const CREATION = 90_000;

/** What is begun is brought to its end and then put to sleep; on a busy machine it is time to stop it by then. */
export const GONE_DURING_CREATION: Way = {
  name: 'with a cluster: gone while it is being made',
  come: async ({ student, workspace }) => {
    const client = await student.hold();
    await eventually(async () => (await workspace.containers('node')).length > 0, {
      what: 'a node is being made',
      within: CREATION,
    });
    return stay(client, (gone) => gone.kill());
  },
  noticedWithin: CREATION,
  ends: 'asleep',
};

export const CLIENT_DIES: readonly Way[] = [
  killed('SIGKILL'),
  killed('SIGHUP'),
  killed('SIGTERM'),
  {
    name: 'client kill -STOP',
    noticedWithin: SILENCE,
    come: async ({ student }) => stay(await student.hold(), (client) => client.signal('SIGSTOP')),
  },
  {
    name: 'nobody reads a flood of output, then client kill -KILL',
    come: async (place) => stay(await flood(place), (client) => client.kill()),
  },
  {
    name: 'nobody reads a flood of output, then client kill -STOP',
    noticedWithin: SILENCE,
    come: async (place) => stay(await flood(place), (client) => client.signal('SIGSTOP')),
  },
];
