import { expect, test } from 'vitest';
import { PLAIN_GROUP } from '../groups/testing/plain-group.ts';
import { startTestKeyServer, text } from '../identity/testing/key-server.ts';
import { parseUsername } from '../names/username.ts';
import { visitKeyServers } from './key-server-visit.ts';

const HOUR = 3_600_000;

async function visitOne(url: string) {
  const bob = parseUsername('bob') ?? ('*' as const);
  const config = {
    identity: [{ kind: 'github', url, freshFor: 0, api: undefined }],
    groups: [{ name: 'all', members: ['*', bob], labs: [], defaultLab: undefined, ...PLAIN_GROUP }],
  } as const;
  const [visit] = await visitKeyServers(config, new AbortController().signal);
  return visit;
}

test('a member is asked for, and "no such user" is an answer', async () => {
  await using server = await startTestKeyServer();
  expect(await visitOne(server.url)).toMatchObject({ answer: { kind: 'unknown' } });
  expect(server.asked).toEqual(['/bob.keys']);
});

test.each([
  ['ahead', HOUR, undefined, HOUR],
  ['behind', -HOUR, undefined, -HOUR],
  ['right, in an answer that a cache has kept', -HOUR, '3600', 0],
])('its clock is %s', async (_, off, age, expected) => {
  await using server = await startTestKeyServer();
  server.answer = (response) => {
    response.setHeader('date', new Date(Date.now() + off).toUTCString());
    if (age !== undefined) response.setHeader('age', age);
    response.writeHead(404).end();
  };
  const offset = (await visitOne(server.url))?.clockOffset ?? Number.NaN;
  expect(Math.abs(offset - expected)).toBeLessThan(5_000);
});

test('a web page instead of keys, or nobody there, is no answer', async () => {
  const server = await startTestKeyServer();
  server.answer = text('<html>log in to the network</html>', 'text/html');
  expect(await visitOne(server.url)).toMatchObject({ answer: { kind: 'failed' } });
  await server[Symbol.asyncDispose]();
  expect(await visitOne(server.url)).toMatchObject({ answer: { kind: 'failed' }, clockOffset: undefined });
});
