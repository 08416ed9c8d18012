import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../config/schema.ts';
import { toContainerSshConfig } from '../config/sections/containerssh.ts';
import { captured } from './testing/captures.ts';
import { serveWebhooks } from './testing/serve-webhooks.ts';
import { WEBHOOKS } from './webhooks/webhook-routes.ts';

let text: string;
let blocks: readonly string[];
beforeAll(async () => {
  text = await readFile(new URL('../../docs/containerssh.md', import.meta.url), 'utf8');
  blocks = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml);
});

test('what the page puts into factory.yaml may stand there', () => {
  const ours = blocks.filter((block) => block.startsWith('containerssh:')).map((block) => parse(block));
  expect(ours).toHaveLength(2);
  for (const file of ours) expect(configSchema.parse(file).containerssh).toBeDefined();
});

test("the factory's webhooks start with its first one, and answer what a ContainerSSH asks", async () => {
  const section = configSchema.parse(parse(blocks[0] ?? '')).containerssh;
  const containerssh = toContainerSshConfig(section, '/etc/ssh-lab-factory');
  if (containerssh?.secret?.kind !== 'file') throw new Error('it names no file with a secret');
  const folder = await mkdtemp(join(tmpdir(), 'containerssh-'));
  try {
    // What is on that machine: the port, and a secret as the page makes one.
    const file = join(folder, 'secret');
    const made = `${randomBytes(32).toString('hex')}\n`;
    await writeFile(file, made, { mode: 0o600 });
    const listen = { ...containerssh.listen, port: 0 };
    await using webhooks = await serveWebhooks({
      config: { ...containerssh, listen, secret: { kind: 'file', file } },
    });
    const credentials = Buffer.from(`containerssh:${made.trim()}`).toString('base64');
    const { request } = captured('pubkey-success');
    const { body } = await webhooks.post('/pubkey', request.body, { authorization: `Basic ${credentials}` });
    expect(body).toMatchObject({ success: true });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("what it puts into ContainerSSH's configuration leads to the factory's webhooks, and leaves nothing behind", () => {
  const theirs = parse(blocks.find((block) => block.startsWith('ssh:')) ?? '');
  const { publicKey, authz } = theirs.auth;
  const base = 'http://containerssh:SECRET@127.0.0.1:8422';
  expect([publicKey.webhook.url, authz.webhook.url, theirs.configserver.url]).toEqual([
    base,
    base,
    `${base}/config`,
  ]);
  expect(theirs.docker.timeouts.containerStop).toBe('180s');
});

test('every webhook is in its table', () => {
  for (const path of WEBHOOKS) expect(text).toContain(`| \`POST ${path}\` |`);
});
