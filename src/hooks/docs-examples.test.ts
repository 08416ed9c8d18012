import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { freePort } from '../routing/free-port.ts';
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
  const port = await freePort('127.0.0.1');
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
  const forged = labWith(url, ['initialization'], { secret: 'another' });
  const other = stack.use(hooksIn(await mkdtemp(join(folder, 'other-')), () => forged));
  await expect(other.hooks.configure(ALICE, forged, sessionOf('s1'), signal)).rejects.toMatchObject({
    code: 'HOOK_FAILED',
  });
  expect(said).toBe('initialization alice\ncleanup alice\n');
});

async function answers(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
