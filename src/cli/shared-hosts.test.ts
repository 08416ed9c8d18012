import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { loadSettings } from './settings.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shared-hosts-'));
  await mkdir(join(folder, 'keys'));
});
afterEach(() => rm(folder, { recursive: true }));

const CLUSTER = 'container: { image: lab }\ncluster: {}\n';
const PLAIN = 'container: { image: lab }\n';
const withHost = (host: string) => `${CLUSTER}routes:\n  host: "${host}"\n`;

async function write(labs: Readonly<Record<string, string>>, config: string): Promise<void> {
  for (const [name, text] of Object.entries(labs)) {
    await mkdir(join(folder, 'labs', name), { recursive: true });
    await writeFile(join(folder, 'labs', name, 'lab.yaml'), text);
  }
  await writeFile(join(folder, 'factory.yaml'), `${SOURCE}${config}`);
}

const SOURCE = 'identity: [{ files: keys }]\nlabs: [labs]\n';

function load() {
  const surroundings = { workingFolder: folder, home: folder, login: 'ida', env: {} };
  return loadSettings('factory.yaml', {
    ...surroundings,
    say: () => undefined,
    complain: () => undefined,
  });
}

/** What a check says; nothing where all is well. */
async function mistakes(read: Promise<unknown> = load()): Promise<string | undefined> {
  const thrown: unknown = await read.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown === undefined) return undefined;
  if (!(thrown instanceof FactoryError)) throw thrown;
  expect(thrown.code).toBe('CONFIG_INVALID');
  return thrown.message;
}

const group = (name: string, members: string, labs?: string, more = '') =>
  `  - { name: ${name}, members: [${members}]${labs === undefined ? '' : `, labs: [${labs}]`}${more} }\n`;

const REMEDY = 'give one of them routes.host: "two.{{ username }}"';

describe('two labs with a cluster and one host', () => {
  test.each<[string, Record<string, string>, string, string]>([
    [
      'of somebody who is named: it is where their group gives the later one',
      { one: CLUSTER, two: CLUSTER },
      `groups:\n${group('class', 'alice', 'two, one')}`,
      `factory.yaml:4:45: groups[0].labs[0]: labs one and two have the same host for alice; ${REMEDY}`,
    ],
    [
      'of somebody who is in a group for each',
      { one: CLUSTER, two: CLUSTER },
      `groups:\n${group('a', 'alice, bob', 'one')}${group('b', 'bob, carol', 'two')}`,
      `factory.yaml:5:46: groups[1].labs[0]: labs one and two have the same host for bob; ${REMEDY}`,
    ],
    [
      'of somebody whom one group names, and another one lets in with everybody',
      { one: CLUSTER, two: CLUSTER },
      `groups:\n${group('a', 'alice', 'one')}${group('b', '"*"', 'two')}`,
      `factory.yaml:5:39: groups[1].labs[0]: labs one and two have the same host for alice; ${REMEDY}`,
    ],
    [
      'of everybody',
      { one: CLUSTER, two: CLUSTER },
      `groups:\n${group('a', 'alice', 'one')}${group('b', '"*"', 'one, two')}`,
      `factory.yaml:5:44: groups[1].labs[1]: labs one and two have the same host for everybody; ${REMEDY}`,
    ],
    [
      'where a group says nothing of labs: it is where the labs are',
      { one: CLUSTER, two: CLUSTER },
      `groups:\n${group('a', 'alice, bob, carol')}`,
      `factory.yaml:2:7: labs: labs one and two have the same host for alice and 2 other users; ${REMEDY}`,
    ],
    [
      'where there are no groups',
      { one: CLUSTER, two: CLUSTER },
      '',
      `factory.yaml:2:7: labs: labs one and two have the same host for everybody; ${REMEDY}`,
    ],
    [
      'which the later one says: it is there',
      { one: CLUSTER, two: withHost('{{ username }}') },
      '',
      `labs/two/lab.yaml:4:9: routes.host: labs one and two have the same host for everybody; ${REMEDY}`,
    ],
    [
      'which the former one says',
      { one: withHost('{{ username }}'), two: CLUSTER },
      '',
      `labs/one/lab.yaml:4:9: routes.host: labs one and two have the same host for everybody; ${REMEDY}`,
    ],
    [
      'which has the name of the later one',
      { one: withHost('two.{{ username }}'), two: withHost('{{ lab }}.{{ username }}') },
      '',
      'labs/two/lab.yaml:4:9: routes.host: labs one and two have the same host for everybody; give one of them routes.host: "one.{{ username }}"',
    ],
    [
      'which the role makes so',
      { one: CLUSTER, two: withHost(`{% if role == 'student' %}two.{% endif %}{{ username }}`) },
      `groups:\n${group('a', 'alice')}${group('b', 'ida', undefined, ', role: admin')}`,
      `labs/two/lab.yaml:4:9: routes.host: labs one and two have the same host for ida; ${REMEDY}`,
    ],
    [
      'which a group makes so',
      { one: CLUSTER, two: withHost(`{% unless groups contains 'b' %}two.{% endunless %}{{ username }}`) },
      `groups:\n${group('a', '"*"')}${group('b', 'bob', 'one')}`,
      `labs/two/lab.yaml:4:9: routes.host: labs one and two have the same host for bob; ${REMEDY}`,
    ],
    [
      'which the very name makes so',
      { one: CLUSTER, two: withHost(`{% unless username == 'bob' %}two.{% endunless %}{{ username }}`) },
      `groups:\n${group('a', 'alice, bob, carol')}`,
      `labs/two/lab.yaml:4:9: routes.host: labs one and two have the same host for bob; ${REMEDY}`,
    ],
  ])('%s', async (_what, labs, config, message) => {
    await write(labs, config);
    expect(await mistakes()).toBe(message);
  });

  test('of three labs are told for each pair, and those of a roster count', async () => {
    await write({ one: CLUSTER, three: CLUSTER, two: CLUSTER }, 'groups: [{ name: a, roster: class.csv }]\n');
    await writeFile(join(folder, 'class.csv'), 'username\nalice\nbob\n');
    expect(await mistakes()).toBe(
      [
        'factory.yaml:2:7: labs: labs one and three have the same host for alice and 1 other user; give one of them routes.host: "three.{{ username }}"',
        `factory.yaml:2:7: labs: labs one and two have the same host for alice and 1 other user; ${REMEDY}`,
      ].join('\n'),
    );
  });
});

describe('it is no mistake', () => {
  test.each<[string, Record<string, string>, string]>([
    ['that one of the labs has no cluster', { one: CLUSTER, two: PLAIN }, ''],
    ['that one host is below the other', { one: CLUSTER, two: withHost('two.{{ username }}') }, ''],
    [
      'that nobody may use both',
      { one: CLUSTER, two: CLUSTER },
      `groups:\n${group('a', 'alice', 'one')}${group('b', 'bob', 'two')}`,
    ],
    [
      'that a name only looks like the other one',
      { one: withHost('two-{{ lab }}.{{ username }}'), two: withHost('two.one.{{ username }}') },
      '',
    ],
    [
      'that a lab is not valid for somebody, who does not get it',
      { one: CLUSTER, two: withHost(`{% if username == 'bob' %}x{% else %}two.{% endif %}{{ username }}`) },
      `groups:\n${group('a', 'alice, bob')}`,
    ],
  ])('%s', async (_what, labs, config) => {
    await write(labs, config);
    expect(await mistakes()).toBeUndefined();
  });
});

test('groups that are read again are held against the labs of the start', async () => {
  await write(
    { one: CLUSTER, two: CLUSTER },
    `groups:\n${group('a', 'alice', 'one')}${group('b', 'bob', 'two')}`,
  );
  const { source, labs } = await load();
  const reread = () => source?.reload(labs.all().map(({ name }) => name)) ?? expect.fail();
  await write({}, `groups:\n${group('a', 'alice', 'one')}${group('b', 'bob, alice', 'two')}`);
  expect(await mistakes(reread())).toBe(
    `factory.yaml:5:46: groups[1].labs[0]: labs one and two have the same host for alice; ${REMEDY}`,
  );
  await write({}, `groups:\n${group('a', 'carol', 'one')}${group('b', 'bob, alice', 'two')}`);
  expect(await mistakes(reread())).toBeUndefined();
});
