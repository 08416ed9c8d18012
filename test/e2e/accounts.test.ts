import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { PLAIN_LAB } from './harness/factory-files.ts';
import { KeyServer } from './harness/key-server.ts';
import type { Student } from './harness/student.ts';

/** The account that had the name first, and the one that took it. */
const HERS = 4711;
const THEIRS = 4712;

describe('whose a name is', () => {
  const stack = new AsyncDisposableStack();
  let github: KeyServer;
  let factory: Factory;
  let carol: Student;
  let taker: Student;

  beforeAll(async () => {
    github = stack.use(await KeyServer.start());
    const identity = [{ github: { url: github.url, api: github.api, fresh_for: '1ms' } }];
    factory = stack.use(await Factory.start({ labs: { plain: PLAIN_LAB }, config: { identity } }));
    carol = await factory.student('carol', { listed: false });
    taker = await factory.student('taker', { listed: false });
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  const asCarol = (student: Student) => student.exec('whoami', { login: 'carol' });
  const apiCalls = () => github.asked.filter((path) => path.startsWith('/api/'));

  async function users(): Promise<unknown> {
    const { code, stdout } = await runFactory(factory.folder, ['user', 'list', '--json']);
    expect(code).toBe(0);
    return JSON.parse(stdout).users;
  }

  async function refused(student: Student): Promise<void> {
    const { exitCode, stdout, stderr } = await asCarol(student);
    expect({ exitCode, stdout }).toEqual({ exitCode: 255, stdout: '' });
    expect(stderr).toMatch(/The account carol at .* is another one .* \(error [0-9a-f]{8}\)/);
  }

  test('the first login remembers the account, and the next ones ask nothing', async () => {
    github.set('carol', [carol.publicKey], HERS);
    expect(await carol.run('whoami')).toBe('lab');
    // An API that a busy machine has answer too late is asked again later.
    await eventually(
      async () => {
        expect(await users()).toMatchObject([{ user: 'carol', account: HERS, refused: null }]);
        return true;
      },
      { what: 'the account is remembered' },
    );
    const asked = apiCalls();
    expect(new Set(asked)).toEqual(new Set(['/api/users/carol']));
    expect(await carol.run('whoami')).toBe('lab');
    expect(apiCalls()).toEqual(asked);
  });

  test('who comes while the API is down comes in, and goes when it says that the name is taken by another', async () => {
    github.breakApi();
    github.set('carol', [taker.publicKey, carol.publicKey], THEIRS);
    await using session = await taker.hold({ login: 'carol' });
    github.mend();
    await session.shows('This session ends now.');
    expect(await session.ended()).not.toBe(0);
    expect(session.output).toMatch(/The account carol at .* is another one .* \(error [0-9a-f]{8}\)/);
    await factory.logs('IDENTITY_CHANGED');
  });

  test('nobody gets in by it then, also not by the old key, also after the factory was killed', async () => {
    await refused(taker);
    await refused(carol);
    await factory.kill();
    expect(await users()).toMatchObject([{ account: HERS, refused: { account: THEIRS } }]);
    await factory.startAgain();
    await refused(taker);
    await refused(carol);
  });

  test('until the operator accepts it', async () => {
    const { code, stdout } = await runFactory(factory.folder, ['user', 'accept', 'carol']);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`carol is account ${THEIRS} of `)]);
    expect(await taker.run('whoami', { login: 'carol' })).toBe('lab');
    expect(await users()).toMatchObject([{ account: THEIRS, refused: null }]);
  });
});
