import { basename } from 'node:path';
import { expect } from 'vitest';
import { docker } from '../../harness/docker.ts';
import { eventually } from '../../harness/eventually.ts';
import { LAB_IMAGE } from '../../harness/set-up.ts';
import { RUN_LABEL } from '../../harness/sweeper.ts';
import { plainLogin } from '../try-way.ts';
import { stay, type Way } from '../way.ts';
import { atThePrompt } from './at-the-keyboard.ts';
import { tunnel } from './without-a-shell.ts';

/** Ends what the student's connection leads to, and with it the connection. */
function endedFromInside(command: string, more: Pick<Way, 'ends'> = {}): Way {
  return {
    ...more,
    name: `in the container: ${command}`,
    come: async (place) =>
      stay(await atThePrompt(place), async (window) => {
        window.type(`${command}\r`);
        await window.shows('connection to your container was lost');
        await window.ended();
      }),
  };
}

/** Somebody else's connection is there as the container ends: it is started again for them. */
const endedUnderATunnel: Way = {
  name: 'the container killed from inside, -N stays, then killed',
  come: async ({ student, workspace }) => {
    const client = await tunnel(student);
    await student.run('true');
    const { State } = await workspace.labContainer();
    await student.exec('sudo kill 1');
    await eventually(
      async () => {
        const now = (await workspace.labContainer()).State;
        return now.Status === 'running' && now.StartedAt !== State.StartedAt;
      },
      { what: 'the container is started again' },
    );
    return stay(client, (gone) => gone.kill());
  },
};

/** Takes processes until there are no more of them; with `again` those that become free as well. */
function outOfProcesses(name: string, again: string): Way {
  const take = `if (my $p = fork) { $n++ } elsif (defined $p) { exec "sleep", "1000" } else { ${again} }`;
  return {
    name,
    come: async ({ student }) => {
      const perl = `$| = 1; while (1) { ${take} } print "full\\n"; sleep 1000`;
      const client = student.connect(`setsid perl -e '${perl}'`);
      await client.shows('full');
      return stay(client, (gone) => gone.kill());
    },
    comeBack: async (place) => {
      const { stderr, exitCode } = await place.student.exec('true');
      expect(exitCode).not.toBe(0);
      // How far a login gets depends on what became free as the last one ended.
      expect(stderr).toMatch(/container (could not start|does not start|did not answer).*@reset/);
      await place.student.run('@reset --yes');
      await plainLogin(place);
    },
  };
}

export const BROKEN_CONTAINER: readonly Way[] = [
  endedFromInside('sudo kill 1', { ends: 'asleep' }),
  endedFromInside('sudo kill -9 -1', { ends: 'asleep' }),
  endedFromInside('sudo pkill -9 sshd'),
  endedUnderATunnel,
  outOfProcesses('no process left within limits.pids, client kill -KILL', 'last'),
  outOfProcesses(
    'a fork bomb, client kill -KILL',
    'print "full\\n" unless $full++; select undef, undef, undef, 0.01',
  ),
];

/**
 * A home of 2 MB: the factory takes the volume that is there. It is empty as soon as no container has it, and theirs may be stopped before
 * they are back; so another one has it as well.
 */
export const FULL_HOME: Way = {
  name: 'home full, client kill -KILL',
  come: async ({ factory, student, instance }) => {
    const labels = { instance, user: student.name, lab: 'lab', role: 'home' };
    const label = Object.entries(labels).flatMap(([key, is]) => ['--label', `ssh-lab-factory.${key}=${is}`]);
    const device = ['--opt', 'type=tmpfs', '--opt', 'device=tmpfs', '--opt', 'o=size=2m,uid=1000'];
    const home = `lab.${instance}.${student.name}.lab.home`;
    await docker(['volume', 'create', ...device, ...label, home]);
    const keep = ['--label', `${RUN_LABEL}=${basename(factory.folder)}`, '--volume', `${home}:/kept:nocopy`];
    await docker(['run', '--detach', '--init', ...keep, LAB_IMAGE, 'sleep', 'infinity']);
    const client = student.connect('cat /dev/zero >full; echo stayed; exec cat');
    await client.shows('No space left on device');
    await client.shows('stayed');
    return stay(client, (gone) => gone.kill());
  },
  comeBack: async (place) => {
    await plainLogin(place);
    expect(await place.student.run('df --output=avail ~ | tail -1')).toBe('0');
    await using _window = await atThePrompt(place);
  },
};
