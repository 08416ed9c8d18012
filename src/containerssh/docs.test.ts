import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../config/schema.ts';
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
