import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { freePort } from '../../test/e2e/harness/taken-port.ts';
import { runProgram } from '../cli/testing/run-program.ts';
import { signedHeaders } from './delivery/signed-headers.ts';
import { answerSchema } from './messages/answer-schema.ts';
import { hookBodySchema } from './messages/hook-body.ts';
import { ALICE, hooksIn, labWith, SECRET, sessionOf } from './testing/hooks-under-test.ts';

const { signal } = new AbortController();

async function blocks(language: string): Promise<readonly string[]> {
  const page = await readFile(new URL('../../docs/hooks.md', import.meta.url), 'utf8');
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(
    ([, text]) => text ?? '',
  );
}

test('the JSON of the page is what the schemas say', async () => {
  const [body = '', answer = ''] = await blocks('json');
  hookBodySchema.parse(JSON.parse(body));
  answerSchema.parse(JSON.parse(answer));
});

test('the lab and the configuration of the page are right', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'hooks-page-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const [lab = '', factory = ''] = await blocks('yaml');
  const plain = await readFile(new URL('../../labs/debian/lab.yaml', import.meta.url), 'utf8');
  await mkdir(join(folder, 'labs/k3s'), { recursive: true });
  await writeFile(join(folder, 'labs/k3s/lab.yaml'), `${plain.replace('name: debian', 'name: k3s')}${lab}`);
  const secrets = 'secrets: { hook_key: { file: ./hook-key } }';
  const config = `labs: [./labs]\n${secrets}\n${factory}`;
  await writeFile(join(folder, 'factory.yaml'), config);
  await writeFile(join(folder, 'hook-key'), `${SECRET}\n`);
  await writeFile(join(folder, 'ca.pem'), '');
  const check = () => runProgram(folder, ['config', 'check', '-c', 'factory.yaml']);
  expect((await check()).error).toBeUndefined();
  expect(
    (await runProgram(folder, ['lab', 'check', 'labs/k3s', '-c', 'factory.yaml'])).error,
  ).toBeUndefined();
  // The checker does look at both.
  await writeFile(join(folder, 'factory.yaml'), config.replace('give_up_after', 'give_up_aftr'));
  expect((await check()).error).toBeDefined();
  await writeFile(join(folder, 'factory.yaml'), config);
  await writeFile(
    join(folder, 'labs/k3s/lab.yaml'),
    `${plain.replace('name: debian', 'name: k3s')}${lab.replaceAll('url:', 'uri:')}`,
  );
  expect((await check()).error).toBeDefined();
});

test.each([
  ['js', 'receiver.mjs', process.execPath],
  ['python', 'receiver.py', 'python3'],
])('the receiver in %s takes what is signed, once, and nothing else', async (language, file, program) => {
  if (spawnSync(program, ['--version']).status !== 0) throw new Error(`${program} is needed`);
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'receiver-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const [text = ''] = await blocks(language);
  await writeFile(join(folder, file), text);
  const port = await freePort();
  const child = spawn(program, [join(folder, file)], {
    env: { ...process.env, PORT: String(port), HOOK_SECRET: SECRET },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  stack.defer(async () => {
    child.kill();
    await once(child, 'close');
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  await vi.waitFor(() => answers(port), { timeout: 20_000 });
  const url = `http://127.0.0.1:${port}`;
  const lab = labWith(url);
  const { hooks } = stack.use(hooksIn(folder, () => lab));
  expect(await hooks.configure(ALICE, lab, sessionOf('s1'), signal)).toMatchObject({ env: { TEAM: 'blue' } });
  hooks.graceOver(ALICE, lab, { kind: 'time', after: 'grace' });
  await expect.poll(() => said).toBe('initialization alice\ncleanup alice\n');
  const post = async (id: string, at: number) => {
    const body = JSON.stringify({ type: 'delete', username: `of ${id}` });
    const headers = signedHeaders({ secret: SECRET, headers: {} }, { id, body }, '1.2.3', at);
    const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(20_000) });
    await answer.text();
    return answer.status;
  };
  // Whoever has seen a request may send it again later; and a factory that was killed does so at once.
  expect(await post('old', Date.now() - 301_000)).toBe(401);
  expect(await post('early', Date.now() + 400_000)).toBe(401);
  expect([await post('twice', Date.now()), await post('twice', Date.now())]).toEqual([200, 200]);
  const before = 'initialization alice\ncleanup alice\ndelete of twice\n';
  await expect.poll(() => said).toBe(before);
  const forged = labWith(url, ['initialization'], { secret: 'another' });
  const other = stack.use(hooksIn(await mkdtemp(join(folder, 'other-')), () => forged));
  await expect(other.hooks.configure(ALICE, forged, sessionOf('s1'), signal)).rejects.toMatchObject({
    code: 'HOOK_FAILED',
  });
  expect(said).toBe(before);
});

async function answers(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
