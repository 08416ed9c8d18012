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
      notes: [],
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

describe('what a lab may use', () => {
  const TEXT =
    'container: { image: hello, env: { T: "{{ secrets.token }}", U: "{{ username }}", S: "{{ session.id }}", V: "{{ values.seat }}" } }\nhooks: { initialization: { url: "https://h.example.org/", values: [seat] } }\n';
  const CONFIG = 'domain: lab.example.org\nlabs: [labs]\nsecrets: { token: { file: token } }\n';

  test('counts as allowed without a configuration, and that is said', async () => {
    await writeLab(TEXT);
    expect(await factory('lab', 'check', 'labs')).toBe(
      'The lab hello is fine: a container.\nIn hello secrets.token counts as allowed; --config checks it against a configuration.',
    );
  });

  test('is what the configuration says where there is one', async () => {
    await writeLab(TEXT);
    await writeFile(join(folder, 'token'), 's3cr3t-value\n');
    await writeConfig(CONFIG);
    expect(await factory('lab', 'check', '-c', 'factory.yaml', 'labs')).toBe(
      'The lab hello is fine: a container.',
    );
    await writeConfig(CONFIG.replace('token:', 'other:'));
    for (const args of [
      ['lab', 'check', '-c', 'factory.yaml', 'labs'],
      ['config', 'check', '-c', 'factory.yaml'],
    ]) {
      const { error } = await runProgram(folder, args);
      expect(error).toMatchObject({
        message: expect.stringContaining('secrets.token is no secret that this lab may use'),
      });
    }
  });

  test('is not printed with the lab of a user', async () => {
    await writeLab(TEXT);
    await writeFile(join(folder, 'token'), 's3cr3t-value\n');
    await writeConfig(CONFIG);
    const args = ['lab', 'render', 'alice/hello', '-c', 'factory.yaml', '--value', 'seat=7'];
    expect(JSON.parse(await factory(...args, '--json'))).toMatchObject({
      workspace: 'alice/hello',
      host: 'alice.lab.example.org',
      container: { env: { T: '[redacted]', U: 'alice', V: '7' } },
      session: { env: { S: 'sample-session' } },
      lifecycle: { stop_after: 1_800_000 },
    });
    const text = await factory(...args);
    expect(text).toContain('U: alice');
    expect(text).not.toContain('s3cr3t-value');
    const unknown = await runProgram(folder, ['lab', 'render', 'alice/other', '-c', 'factory.yaml']);
    expect(unknown.error).toMatchObject({ code: 'LAB_UNKNOWN' });
  });

  test.each([
    ['file: nowhere', 'secrets.token.file: there is no such file'],
    ['file: short', 'secrets.token.file: must have at least 6 characters'],
    ['file: .', "secrets.token.file: can't be read"],
    ['env: NOWHERE', "secrets.token.env: is not set in the factory's environment"],
    ['env: SHORT', 'secrets.token.env: must have at least 6 characters'],
    ['env: A, file: short', 'secrets.token: must have exactly one of: file, env'],
    ['env: LONG, labs: [none]', 'secrets.token.labs[0]: no labs folder has a lab "none"'],
  ])('a secret that is none: %s', async (of, expected) => {
    await writeFile(join(folder, 'short'), 'short\n');
    await writeConfig(`labs: [labs]\nsecrets: { token: { ${of} } }\n`);
    const env = { SHORT: 'short', LONG: 'long-enough' };
    const { error } = await runProgram(folder, ['config', 'check', '-c', 'factory.yaml'], env);
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`factory.yaml:2:`),
    });
    expect(error).toMatchObject({ message: expect.stringContaining(expected) });
  });

  test('a secret may come from the environment, as it is', async () => {
    await writeLab(TEXT);
    await writeConfig('labs: [labs]\nsecrets: { token: { env: TOKEN } }\n');
    const { error } = await runProgram(folder, ['config', 'check', '-c', 'factory.yaml'], {
      TOKEN: 'from-outside',
    });
    expect(error).toBeUndefined();
  });
});
