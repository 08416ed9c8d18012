import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/logging/logger.ts';
import { systemClock } from '../../src/time/clock.ts';
import { JwksFile } from '../../src/tokens/jwks-file.ts';
import { AUDIENCE } from '../../src/tokens/principal.ts';
import { jwksFile, tokensFolder } from '../../src/tokens/token-files.ts';
import { createTokenVerifier } from '../../src/tokens/token-verifier.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { PLAIN_LAB } from './harness/factory-files.ts';

const CAROL = ['--role', 'instructor', '--name', 'carol', '--group', 'light', '--for', '8h'];

describe('tokens of a factory', () => {
  const stack = new AsyncDisposableStack();
  let factory: Factory;
  beforeAll(async () => {
    const groups = [{ name: 'light', members: ['alice'], labs: ['plain'] }];
    factory = stack.use(await Factory.start({ grace: '6s', labs: { plain: PLAIN_LAB }, groups }));
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  const data = () => join(factory.folder, 'data');

  async function token(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runFactory(factory.folder, ['token', ...args]);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('eyJ')]);
    return stdout.trim();
  }

  /** As another process does: it has the public keys and nothing else of the factory. */
  async function verify(text: string) {
    const keys = new JwksFile({
      path: jwksFile(data()),
      clock: systemClock,
      logger: createLogger('silent', []),
    });
    const issuer = `urn:ssh-lab-factory:${await factory.instance()}`;
    return createTokenVerifier({ issuer, keys, clock: systemClock }).verify(text, AUDIENCE.api);
  }

  async function revoked(): Promise<readonly unknown[]> {
    const text = await readFile(join(tokensFolder(data()), 'revocations.json'), 'utf8').catch(
      () => undefined,
    );
    return text === undefined ? [] : JSON.parse(text).revocations;
  }

  test('are made, and checked by another process, over a change of keys and a kill; none is in the log', async () => {
    const before = await token('create', ...CAROL);
    await token('rotate');
    await factory.kill();
    await factory.startAgain();
    const after = await token('create', ...CAROL);
    for (const each of [before, after]) {
      expect((await verify(each)).principal).toEqual({
        role: 'instructor',
        name: 'carol',
        groups: ['light'],
      });
    }
    expect(JSON.parse(await token('jwks')).keys).toHaveLength(2);
    await token('revoke', '--name', 'carol');
    expect(await revoked()).toEqual([{ kind: 'name', of: 'carol', at: expect.any(String) }]);

    const secrets = [before, after].flatMap((each) => each.split('.'));
    const keys = JSON.parse(await readFile(join(tokensFolder(data()), 'keys.json'), 'utf8'));
    secrets.push(...keys.keys.map(({ jwk }: { jwk: { d: string } }) => jwk.d));
    const logs = await readdir(join(data(), 'logs'), { recursive: true, withFileTypes: true });
    const files = logs.filter((each) => each.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    const kept = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    for (const text of [factory.log, ...kept]) {
      expect(text).toContain('a token is made');
      for (const secret of secrets) expect(text).not.toContain(secret);
    }
  });

  test('of a student are void when the last of their sessions has ended', async () => {
    const alice = await factory.student('alice');
    await using first = await alice.hold();
    await alice.run('true');
    await token('create', '--role', 'student', '--workspace', 'alice/plain');
    expect(await revoked()).not.toContainEqual(expect.objectContaining({ of: 'alice/plain' }));
    await first.logOut();
    await eventually(
      async () =>
        (await revoked()).some((each) => JSON.stringify(each).includes('"workspace","of":"alice/plain"')),
      { what: 'the tokens of alice are void' },
    );
  });
});
