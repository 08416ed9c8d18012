import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ownerName } from '../config/default-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { createLogger } from '../logging/logger.ts';
import { parseLabName } from '../names/lab-name.ts';
import { parseUsername } from '../names/username.ts';
import { systemClock } from '../time/clock.ts';
import { LiveGroups } from './live-groups.ts';

const PLAIN = parseLabName('plain') ?? expect.fail();
const LOADED = [PLAIN];

let stack: AsyncDisposableStack;
let folder: string;
let file: string;
let log: string[];
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'live-groups-'));
  stack.defer(() => rm(folder, { recursive: true }));
  file = join(folder, 'factory.yaml');
  log = [];
});
afterEach(() => stack.disposeAsync());

function config(groups: string, more = ''): string {
  return `domain: lab.test\n${more}\ngroups:\n${groups}`;
}

const classOf = (...members: string[]) => config(`  - { name: class, members: [${members.join(', ')}] }\n`);

/** The groups of a factory that was started with `text` and the lab "plain". */
async function open(text: string): Promise<LiveGroups> {
  await writeFile(file, text);
  const load = (loadedLabs: typeof LOADED) =>
    loadConfig({
      file,
      workingFolder: folder,
      defaults: {
        owner: ownerName('ida').user,
        images: { node: 'n', traefik: 't' },
        labs: '/none',
        lab: undefined,
      },
      env: {},
      findLabs: () => Promise.reject(new Error('a running factory looks into no labs folder')),
      loadedLabs,
    });
  const logger = createLogger('info', [{ write: (line: string) => void log.push(line) }]);
  const source = {
    file,
    workingFolder: folder,
    loaded: await load(LOADED),
    reload: (labs: Parameters<typeof load>[0] | readonly (typeof PLAIN)[]) => load([...labs]),
  };
  const signal = new AbortController().signal;
  const options = { source, labs: LOADED, clock: systemClock, logger, lookEvery: 100 };
  const groups = stack.use(LiveGroups.open(options, signal));
  // What a test changes comes after the first reading.
  await expect.poll(() => groups.inForce).not.toBe(source.loaded);
  return groups;
}

function whoIsIn(groups: LiveGroups): readonly string[] {
  return ['alice', 'bob', 'carol'].filter((name) => {
    const user = parseUsername(name);
    return user !== undefined && groups.of(user).length > 0;
  });
}

const become = (groups: LiveGroups, ...members: string[]) =>
  expect.poll(() => whoIsIn(groups)).toEqual(members);
const beBroken = (groups: LiveGroups, message: RegExp) =>
  expect.poll(() => groups.state.problem?.message).toMatch(message);

describe('a member is in, and another out, as soon as the file says so', () => {
  test.each<[string, (text: string) => Promise<void>]>([
    ['written in place', (text) => writeFile(file, text)],
    [
      'replaced by a rename, as most editors do',
      async (text) => {
        await writeFile(join(folder, '.factory.yaml.swp'), text);
        await rename(join(folder, '.factory.yaml.swp'), file);
      },
    ],
    [
      'removed and made anew',
      async (text) => {
        await rm(file);
        await writeFile(file, text);
      },
    ],
    [
      'emptied and written again in pieces',
      async (text) => {
        await truncate(file);
        for (const char of text) await writeFile(file, char, { flag: 'a' });
      },
    ],
    [
      'made a link to another file',
      async (text) => {
        await mkdir(join(folder, 'elsewhere'));
        await writeFile(join(folder, 'elsewhere/real.yaml'), text);
        await symlink(join(folder, 'elsewhere/real.yaml'), join(folder, 'link'));
        await rename(join(folder, 'link'), file);
      },
    ],
  ])('%s', async (_how, change) => {
    const groups = await open(classOf('alice'));
    const changed = vi.fn();
    using _listening = groups.onChange(changed);
    expect(whoIsIn(groups)).toEqual(['alice']);
    await change(classOf('bob', 'carol'));
    await become(groups, 'bob', 'carol');
    expect(changed).toHaveBeenCalledTimes(1);
    expect(groups.state).toMatchObject({ problem: undefined, needsRestart: [] });
  });

  test('in a file behind a link, which nobody watches', async () => {
    await mkdir(join(folder, 'elsewhere'));
    const real = join(folder, 'elsewhere/real.yaml');
    await writeFile(real, classOf('alice'));
    await symlink(real, file);
    const groups = await open(classOf('alice'));
    await writeFile(real, classOf('bob'));
    await become(groups, 'bob');
  });

  test('in a roster', async () => {
    await writeFile(join(folder, 'class.csv'), 'username\nalice\n');
    const groups = await open(config('  - { name: class, roster: class.csv }\n'));
    expect(whoIsIn(groups)).toEqual(['alice']);
    await writeFile(join(folder, 'class.csv'), 'name;username\r\nB;bob\r\n');
    await become(groups, 'bob');
  });

  test('in a roster of a folder that came later', async () => {
    const groups = await open(classOf('alice'));
    await writeFile(file, config('  - { name: class, roster: later/class.csv }\n'));
    await beBroken(groups, /factory.yaml:4:28: groups\[0\]\.roster: there is no such file/);
    expect(whoIsIn(groups)).toEqual(['alice']);
    await mkdir(join(folder, 'later'));
    await writeFile(join(folder, 'later/class.csv'), 'username\nbob\n');
    await become(groups, 'bob');
    await writeFile(join(folder, 'later/class.csv'), 'username\ncarol\n');
    await become(groups, 'carol');
  });

  test('after a thousand changes, by the last of them', async () => {
    const groups = await open(classOf('alice'));
    const changed = vi.fn();
    using _listening = groups.onChange(changed);
    for (let round = 0; round < 1_000; round += 1) await writeFile(file, classOf(`x${round}`));
    await writeFile(file, classOf('bob'));
    await become(groups, 'bob');
    // Not once for each.
    expect(changed.mock.calls.length).toBeLessThan(50);
  });
});

describe('files with a mistake leave the groups as they were, and are told', () => {
  test.each<[string, () => Promise<void>, RegExp]>([
    ['cut off in the middle', () => truncate(file, 45), /factory.yaml:\d+:\d+: is not YAML here/],
    ['empty', () => truncate(file), /has no groups any more/],
    ['gone', () => rm(file), /can't be read: ENOENT/],
    ['a folder', () => rm(file).then(() => mkdir(file)), /can't be read: EISDIR/],
    ['without groups', () => writeFile(file, 'domain: lab.test\n'), /has no groups any more/],
    ['of other words', () => writeFile(file, classOf('bob', 'c_c')), /factory.yaml:4:35: .* is no user name/],
    [
      'with a lab that this factory was not started with',
      () => writeFile(file, config('  - { name: class, members: [bob], labs: [more] }\n')),
      /factory.yaml:4:43: groups\[0\]\.labs\[0\]: this factory was started without a lab "more"; there are: plain/,
    ],
    ['bytes', () => writeFile(file, Buffer.from([0xff, 0xfe, 0, 1, 2])), /factory.yaml/],
  ])('%s', async (_what, change, message) => {
    const groups = await open(classOf('alice'));
    await change();
    await beBroken(groups, message);
    expect(whoIsIn(groups)).toEqual(['alice']);
    const told = () => log.filter((line) => line.includes('"code":"CONFIG_'));
    expect(told()).toHaveLength(1);

    await rm(file, { recursive: true, force: true });
    await writeFile(file, classOf('bob'));
    await become(groups, 'bob');
    expect(groups.state.problem).toBeUndefined();
  });

  test('and are told once, however often they are looked at', async () => {
    const groups = await open(classOf('alice'));
    await writeFile(file, classOf('c_c'));
    await beBroken(groups, /is no user name/);
    const since = groups.state.problem?.since;
    await writeFile(file, classOf('bob', 'd_d'));
    await beBroken(groups, /members\[1\]: is no user name/);
    expect(groups.state.problem?.since).toBe(since);
    expect(log.filter((line) => line.includes('CONFIG_INVALID'))).toHaveLength(2);
  });

  test.each([
    ['a pipe that nobody writes to', (path: string) => void execFileSync('mkfifo', [path])],
    ['a device without an end', (path: string) => symlink('/dev/zero', path)],
    ['larger than any', (path: string) => writeFile(path, '').then(() => truncate(path, 2 ** 40))],
  ])('%s', async (_what, make) => {
    await writeFile(join(folder, 'class.csv'), 'username\nalice\n');
    const groups = await open(config('  - { name: class, roster: class.csv }\n'));
    for (const name of ['class.csv', 'factory.yaml']) {
      await rm(join(folder, name));
      await make(join(folder, name));
      await beBroken(groups, /is no regular file|has more than 4 MiB/);
      await rm(join(folder, name));
      await writeFile(join(folder, 'class.csv'), 'username\nalice\n');
    }
    await writeFile(file, classOf('bob'));
    await expect.poll(() => groups.of(parseUsername('bob') ?? expect.fail())).toHaveLength(1);
  });

  test('a roster too', async () => {
    await writeFile(join(folder, 'class.csv'), 'username\nalice\n');
    const groups = await open(config('  - { name: class, roster: class.csv }\n'));
    await truncate(join(folder, 'class.csv'));
    await beBroken(groups, /class.csv:1:1: is empty/);
    expect(whoIsIn(groups)).toEqual(['alice']);
    await writeFile(join(folder, 'class.csv'), 'username\nbob\nBob\n');
    await become(groups, 'bob');
    expect(log.join('')).toContain('bob stands in line 2 already');
  });
});

test('what else changed waits for a restart, and is told', async () => {
  const groups = await open(classOf('alice'));
  await writeFile(
    file,
    config('  - { name: class, members: [bob] }\n', 'log: { level: debug }\nlabs: [elsewhere]'),
  );
  await become(groups, 'bob');
  expect(groups.state.needsRestart).toEqual(['labs', 'log']);
  expect(groups.inForce.config.log.level).toBe('info');
  expect(groups.all()).toMatchObject([{ labs: ['plain'] }]);
  expect(log.join('')).toMatch(/"keys":\["labs","log"\].*needs a restart/);
  await writeFile(file, classOf('bob'));
  await expect.poll(() => groups.state.needsRestart).toEqual([]);
});

test('nothing is read any more after its end', async () => {
  const groups = await open(classOf('alice'));
  await groups[Symbol.asyncDispose]();
  await writeFile(file, classOf('bob'));
  const second = await open(classOf('bob'));
  await writeFile(file, classOf('carol'));
  await become(second, 'carol');
  expect(whoIsIn(groups)).toEqual(['alice']);
});
