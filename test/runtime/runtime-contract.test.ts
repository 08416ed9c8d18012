import { createHash, randomBytes } from 'node:crypto';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryHost } from '../../src/cluster-service/testing/memory-host.ts';
import { ServicePair } from '../../src/cluster-service/testing/service-pair.ts';
import type { FileDefinition, Given } from '../../src/labs/lab-definition.ts';
import type { LabResolver } from '../../src/labs/lab-resolver.ts';
import type { Runtime } from '../../src/workspaces/ports/runtime.ts';
import { connectInside } from './inner-client.ts';
import { anyProgress, createFixture, debianLab, workspaceKey } from './lab-fixture.ts';

/*
 * What whoever implements `Runtime` has to keep, held against Docker itself and against Docker behind the cluster service.
 */

const MIB = 2 ** 20;
const lab = (given: Given) => ({
  ...debianLab({ files: [WELCOME(given)], env: { A: 'of the lab', B: 'of the lab' } }),
  given,
});
/** As `labs` does with a template. */
const WELCOME = ({ values }: Given): FileDefinition => ({
  path: '/etc/welcome',
  content: { kind: 'text', text: `hello ${values.who}` },
  mode: 0o644,
  owner: undefined,
});
const GIVEN = { values: { who: '{{ alice }}\n"\'' } };
const resolve: LabResolver['resolve'] = (_key, given) => lab(given);
const key = workspaceKey('alice');
const signal = () => AbortSignal.timeout(120_000);

describe.each(['local', 'remote'] as const)('%s containers', (place) => {
  const stack = new AsyncDisposableStack();
  const fixture = stack.use(createFixture());
  let runtime: Runtime;

  beforeAll(async () => {
    runtime = place === 'local' ? fixture.runtime : await behindTheService(fixture.runtime, stack);
  });
  afterAll(() => stack.disposeAsync(), 150_000);

  test('a container is made, and sshd in it speaks SSH', async () => {
    expect(await runtime.observe(key, signal())).toBe('absent');
    await runtime.create(key, lab(GIVEN), anyProgress, signal());
    await runtime.create(key, lab(GIVEN), anyProgress, signal());
    expect(await runtime.observe(key, signal())).toBe('running');
    expect(await runtime.list(signal())).toEqual([key]);
    expect(await runtime.memory(key, signal())).toBeGreaterThan(0);
    using inside = await connectInside(runtime, key, fixture.innerKey);
    expect(await inside.run('echo hello; exit 3')).toMatchObject({ status: 3, stdout: 'hello\n' });
  }, 300_000);

  test('the files of the lab are in it, with what was given for them, and a session has its own environment', async () => {
    const env = { B: 'of the session', LINES: 'one\ntwo', 'NO NAME': 'x', LONG: 'x'.repeat(40_000) };
    using inside = await connectInside(runtime, key, fixture.innerKey, 'lab', env);
    const { stdout } = await inside.run('cat /etc/welcome; printf "|%s" "$A" "$B" "$LINES" "$LONG"');
    expect(stdout).toBe(`hello ${GIVEN.values.who}|of the lab|of the session|one\ntwo|`);
  });

  test('files come into it once for each id, byte for byte, and what is no such file does not', async () => {
    const content = randomBytes(5 * MIB);
    const file = { path: '/home/lab/data', content, mode: 0o600, owner: undefined };
    await runtime.putFiles(key, 'one', [file], signal());
    await runtime.putFiles(key, 'one', [{ ...file, content: Buffer.from('again') }], signal());
    using inside = await connectInside(runtime, key, fixture.innerKey);
    const { stdout } = await inside.run('stat -c "%U %a" data; sha256sum <data');
    expect(stdout).toBe(`lab 600\n${digest(content)}  -\n`);
    const refused = runtime.putFiles(key, 'two', [{ ...file, owner: 'nobody-here' }], signal());
    await expect(refused).rejects.toMatchObject({ code: 'HOOK_FAILED' });
  });

  test('64 MiB go through a command and come back byte for byte', async () => {
    const sent = randomBytes(64 * MIB);
    const exec = await runtime.exec(key, ['sh', '-c', 'cat; echo done >&2; exit 5'], undefined, signal());
    const outputs = Promise.all([buffer(exec.stdout), text(exec.stderr)]);
    exec.stdin.end(sent);
    const [stdout, stderr] = await outputs;
    expect(stdout.length).toBe(sent.length);
    expect(digest(stdout)).toBe(digest(sent));
    expect(stderr).toBe('done\n');
    expect(await exec.exit()).toBe(5);
    exec.close();
  }, 300_000);

  test('a terminal has its size, and its new one', async () => {
    const pty = { columns: 91, rows: 17, term: 'xterm' };
    const script = 'stty size; until [ "$(stty size)" = "18 92" ]; do sleep 0.05; done; echo changed';
    const exec = await runtime.exec(key, ['sh', '-c', script], pty, signal());
    const output = text(exec.stdout);
    await exec.resize(92, 18);
    expect(await output).toMatch(/changed/);
    expect(await exec.exit()).toBe(0);
    exec.close();
  }, 300_000);

  test('it is paused, resumed, stopped, started and removed; each twice', async () => {
    const after = {
      suspend: 'suspended',
      resume: 'running',
      stop: 'stopped',
      start: 'running',
      remove: 'absent',
    } as const;
    for (const step of ['suspend', 'resume', 'stop', 'start', 'remove'] as const) {
      for (let times = 0; times < 2; times += 1) await runtime[step](key, signal());
      expect(await runtime.observe(key, signal())).toBe(after[step]);
    }
    await runtime.erase(key, { home: true }, signal());
    await expect(runtime.openSshd(key, {}, signal())).rejects.toMatchObject({ code: 'CONTAINER_FAILED' });
  }, 300_000);
});

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function behindTheService(runtime: Runtime, stack: AsyncDisposableStack): Promise<Runtime> {
  const { host } = stack.use(new MemoryHost());
  const served = { ...host, runtime, runtimeFor: () => runtime };
  const pair = stack.use(await ServicePair.start({ host: served, labs: { resolve } }));
  return (await pair.client()).runtime;
}
