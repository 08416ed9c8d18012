import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { factoryStatusSchema } from '../../src/control/status-schema.ts';
import { EventRecorder } from './harness/event-recorder.ts';
import { eventually, PATIENCE } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { ANY_PORT, ANY_PORTS, PLAIN_LAB } from './harness/factory-files.ts';
import { KeyServer } from './harness/key-server.ts';
import { tryRawLogin } from './harness/raw-login.ts';
import { makeKey } from './harness/student.ts';

async function fingerprint(file: string): Promise<string> {
  const { stdout } = await execa('ssh-keygen', ['-l', '-f', file], { timeout: PATIENCE });
  const [, digest = ''] = stdout.split(' ');
  return digest;
}

describe('who comes in', () => {
  const stack = new AsyncDisposableStack();
  let recorder: EventRecorder;
  let github: KeyServer;
  let factory: Factory;

  beforeAll(async () => {
    recorder = stack.use(await EventRecorder.start());
    github = stack.use(await KeyServer.start());
    // Long: who is closed out is looked at three times before it is over, on a busy machine as well.
    const failed = { close_after: 3, closed_for: '10m', exempt: ['127.0.0.1/32'] };
    const config = {
      ssh: { listen: ANY_PORT, failed_logins: failed },
      routes: { ...ANY_PORTS, reserved: ['www'] },
    };
    factory = stack.use(await Factory.start({ github: github.url, labs: { plain: PLAIN_LAB }, config }));
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  test('a key that the key server lists comes in; names are compared without case', async () => {
    const carol = await factory.student('carol', { listed: false });
    github.set('carol', [carol.publicKey]);
    expect(await carol.run('whoami')).toBe('lab');
    expect(await carol.run('whoami', { login: 'Carol' })).toBe('lab');
  });

  test('a wrong key is refused with what was offered and what the source lists', async () => {
    const eve = await factory.student('eve', { listed: false });
    const other = join(factory.folder, 'other-key');
    github.set('eve', [await makeKey(other)]);

    const { exitCode, stderr, stdout } = await eve.exec('true');
    expect(exitCode).toBe(255);
    expect(stdout).toBe('');
    expect(stderr).toContain(await fingerprint(eve.keyFile));
    expect(stderr).toContain(await fingerprint(other));
  });

  test('a name that nobody knows is refused with words', async () => {
    const nobody = await factory.student('nobody', { listed: false });
    const { exitCode, stderr } = await nobody.exec('true');
    expect(exitCode).toBe(255);
    expect(stderr).toMatch(/no user "nobody"/);
  });

  test('an address that fails three times is closed out, which the operator sees, and nobody elsewhere is', async () => {
    const mallory = await factory.student('mallory');
    const elsewhere = { args: ['-b', '127.0.0.9'] };
    const status = async (...args: string[]) =>
      (await runFactory(factory.folder, ['status', ...args])).stdout;
    expect(await status()).not.toContain('closed out');
    for (let time = 0; time < 3; time += 1) await mallory.exec('true', { ...elsewhere, login: 'nobody' });
    const closed = await eventually(
      async () => {
        const { closed_out: addresses } = factoryStatusSchema.parse(JSON.parse(await status('--json')));
        return addresses.length > 0 && addresses;
      },
      { what: 'the address is closed out' },
    );
    expect(closed).toEqual([{ address: '127.0.0.9', until: expect.any(String) }]);
    expect(await status()).toMatch(/^closed out after failed logins: 127\.0\.0\.9 \(\d+ (?:s|min) more\)$/m);
    expect((await mallory.exec('true', elsewhere)).stderr).toContain('Too many failed logins');
    expect(await mallory.run('whoami')).toBe('lab');
  });

  test('a name that is kept for something else is refused with one sentence, once the key is found to be right', async () => {
    const sentence =
      /^The name www is kept for something else here, so nobody gets in by it; ask your instructor for another one\. \(error [0-9a-f]{8}\)\r?$/gm;
    const www = await factory.student('www', { listed: false });
    const other = await makeKey(join(www.home, 'other'));
    github.set('www', [other]);
    expect((await www.exec('true')).stderr).not.toMatch(sentence);
    github.set('www', [www.publicKey]);
    // The source's answer is used for a second.
    const refused = await eventually(
      async () => {
        const { exitCode, stdout, stderr } = await www.exec('echo in');
        expect({ exitCode, stdout }).toEqual({ exitCode: 255, stdout: '' });
        return stderr.match(sentence) ?? undefined;
      },
      { what: 'it is refused for its name' },
    );
    expect(refused).toHaveLength(1);
    const start = await runFactory(factory.folder, ['workspace', 'start', 'www/plain']);
    expect(start).toMatchObject({ code: 1, stderr: expect.stringMatching(/^The name www is kept for/) });
    github.set('www-x', [www.publicKey]);
    expect(await www.run('echo in', { login: 'www-x' })).toBe('in');
  });

  test('an agent with twelve keys comes in with the last of them', async () => {
    const dave = await factory.student('dave', { listed: false });
    const socket = join(dave.home, 'agent');
    const agent = await execa('ssh-agent', ['-s', '-a', socket], { timeout: PATIENCE });
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(agent.stdout)?.[1]);
    try {
      const keys: string[] = [];
      for (let number = 1; number <= 12; number += 1) {
        const file = join(dave.home, `key-${number}`);
        keys.push(await makeKey(file));
        await execa('ssh-add', ['-q', file], { env: { SSH_AUTH_SOCK: socket }, timeout: PATIENCE });
      }
      github.set('dave', keys.slice(-1));
      const options = { args: ['-o', 'IdentitiesOnly=no'], env: { SSH_AUTH_SOCK: socket } };
      expect(await dave.run('whoami', options)).toBe('lab');
    } finally {
      process.kill(pid);
    }
  });

  test('while the key server is down its last good answer serves', async () => {
    const frank = await factory.student('frank', { listed: false });
    github.set('frank', [frank.publicKey]);
    await frank.run('true');

    github.break();
    try {
      const asked = github.asked.length;
      await eventually(
        async () => {
          await frank.run('true');
          return github.asked.length > asked;
        },
        { what: 'the server is asked again, and its failure keeps nobody out' },
      );
      expect(await frank.run('whoami')).toBe('lab');
    } finally {
      github.mend();
    }
  });

  test('the first source that knows a name is the only one asked for it', async () => {
    const grace = await factory.student('grace');
    const impostor = await factory.student('impostor', { listed: false });
    github.set('grace', [impostor.publicKey]);

    expect((await impostor.exec('true', { login: 'grace' })).exitCode).toBe(255);
    expect(await grace.run('whoami')).toBe('lab');
    expect(github.asked).not.toContain('/grace.keys');
  });

  test.for([
    '../carol',
    'carol;id',
    'carol$(id)',
    'carol/../carol',
    'carol/plain/x',
    '-oProxyCommand=id',
    'carol\n',
    'carol\0',
    'a'.repeat(10_000),
    'c\u0430rol',
    '',
  ])('the name %j is refused, and nothing of it reaches Docker or the key server', async (username) => {
    const carol = await factory.student('carol', { listed: false });
    await recorder.settled();
    const [events, asked] = [recorder.of(await factory.instance()).length, github.asked.length];

    const privateKey = await readFile(carol.keyFile, 'utf8');
    const { ssh } = factory.endpoints;
    expect(await tryRawLogin({ ...ssh, username, privateKey })).toBe('refused');

    await recorder.settled();
    expect(
      recorder
        .of(await factory.instance())
        .slice(events)
        // What an earlier session leaves behind may come late; who is let in has an exec_create, which comes with none of them.
        .filter(({ action }) => action !== 'pause' && action !== 'exec_die'),
    ).toEqual([]);
    expect(github.asked.slice(asked)).toEqual([]);
  });

  // Once all have been tried: what is done for who comes in goes on when their client is gone.
  test('the same key with the right name opens the door in the same way', async () => {
    const carol = await factory.student('carol', { listed: false });
    const privateKey = await readFile(carol.keyFile, 'utf8');
    const { ssh } = factory.endpoints;
    expect(await tryRawLogin({ ...ssh, username: 'carol', privateKey })).toBe('in');
  });
});
