import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from '../testing/run-program.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checks-'));
  await mkdir(join(folder, 'labs/hello'), { recursive: true });
  await writeLab('container: { image: hello }\n');
});
afterEach(() => rm(folder, { recursive: true }));

const writeLab = (text: string) => writeFile(join(folder, 'labs/hello/lab.yaml'), text);
const writeConfig = (text: string) => writeFile(join(folder, 'factory.yaml'), text);

/** Runs the program on the folder; resolves with what it said. */
async function factory(...args: string[]): Promise<string> {
  const { said, error } = await runProgram(folder, args);
  if (error !== undefined) throw Object.assign(new Error('refused'), { error, said });
  return said;
}

describe('a lab that is fine', () => {
  test.each([['labs'], ['labs/hello'], ['labs/hello/lab.yaml'], ['.//labs//hello/']])(
    'at %s',
    async (path) => {
      expect(await factory('lab', 'check', path)).toBe('The lab hello is fine: a container.');
    },
  );

  test('in JSON', async () => {
    await writeLab('container: { image: hello }\ncluster: {}\n');
    expect(JSON.parse(await factory('lab', 'check', '--json', 'labs'))).toEqual({
      problems: [],
      labs: [{ name: 'hello', cluster: true }],
    });
  });
});

test('a lab with mistakes is refused, and JSON has each of them', async () => {
  await writeLab('container: { image: hello, usr: me }\ncluster:\n');
  const refusal: unknown = await factory('lab', 'check', '--json', 'labs').catch((error: unknown) => error);
  expect(refusal).toMatchObject({ error: { code: 'LAB_INVALID' } });
  expect(JSON.parse(String(Reflect.get(Object(refusal), 'said')))).toEqual({
    problems: [
      {
        file: join(folder, 'labs/hello/lab.yaml'),
        line: 1,
        column: 28,
        key: 'container.usr',
        message: 'there is no such key; did you mean "user"?',
      },
      {
        file: join(folder, 'labs/hello/lab.yaml'),
        line: 2,
        column: 9,
        key: 'cluster',
        message: 'has no value; it must be a set of keys',
      },
    ],
  });
});

test.each([
  [['lab', 'check', '--json', 'nowhere'], 'LAB_INVALID', { file: '/nowhere', line: null, key: null }],
  [
    ['config', 'check', '--json', '-c', 'nowhere'],
    'CONFIG_UNREADABLE',
    { file: null, line: null, key: null },
  ],
])('%j has a problem without a line', async (args, code, { file, ...rest }) => {
  const refusal: unknown = await factory(...args).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ error: { code } });
  const place = { file: file === null ? null : `${folder}${file}`, column: null, ...rest };
  const { problems } = JSON.parse(String(Reflect.get(Object(refusal), 'said')));
  expect(problems).toEqual([{ ...place, message: expect.stringMatching(/no such folder|can't be read/) }]);
});

test('a configuration that is fine, in words and in JSON', async () => {
  await writeConfig('domain: lab.example.org\nlabs: [labs]\n');
  expect(await factory('config', 'check', '-c', 'factory.yaml')).toBe(
    'factory.yaml is fine: domain lab.example.org, labs hello.',
  );
  expect(JSON.parse(await factory('config', 'check', '-c', 'factory.yaml', '--json'))).toEqual({
    problems: [],
    domain: 'lab.example.org',
    labs: ['hello'],
    notes: [],
  });
});

test.each(['lab', 'config'])('factory %s schema prints a JSON Schema', async (of) => {
  expect(JSON.parse(await factory(of, 'schema'))).toMatchObject({
    type: 'object',
    additionalProperties: false,
  });
});
