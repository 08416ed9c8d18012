import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../logging/logger.ts';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
import { JwksFile } from './jwks-file.ts';
import { LEAD } from './key-schedule.ts';
import { AUDIENCE } from './principal.ts';
import { SigningKeys } from './signing-keys.ts';
import { GATEWAY, ISSUER } from './testing/some-tokens.ts';
import { jwksFile } from './token-files.ts';
import { createTokenIssuer } from './token-issuer.ts';
import { createTokenVerifier } from './token-verifier.ts';

let data: string;
let clock: VirtualClock;
let log: string[];
let keys: SigningKeys;
let reader: JwksFile;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'jwks-'));
  clock = new VirtualClock();
  log = [];
  keys = await SigningKeys.open({ data, clock, logger: createLogger('silent', []) });
  const logger = createLogger('info', [{ write: (line) => void log.push(line) }]);
  reader = new JwksFile({ path: jwksFile(data), clock, logger });
});
afterEach(async () => {
  await keys[Symbol.asyncDispose]();
  await rm(data, { recursive: true });
});

test('another process checks with the file what the factory signs, over a rotation', async () => {
  const issuer = createTokenIssuer({ issuer: ISSUER, keys, clock });
  const verifier = createTokenVerifier({ issuer: ISSUER, keys: reader, clock });
  const check = async () => {
    const { token } = await issuer.issue(GATEWAY, AUDIENCE.clusterService, 60_000);
    const { principal } = await verifier.verify(token, AUDIENCE.clusterService);
    expect(principal).toEqual(GATEWAY);
    await expect(verifier.verify(token, AUDIENCE.api)).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
  };
  await check();
  await keys.rotate();
  for (let waited = 0; waited <= LEAD; waited += LEAD / 10) {
    await check();
    await clock.advance(LEAD / 10);
  }
  expect(log).toEqual([]);
});

test('an unknown key has the file read again, and many of them have not', async () => {
  const known = keys.current().kid;
  expect(await reader.find(known)).toBeDefined();
  const { kid } = await keys.rotate();
  expect(await reader.find(kid)).toBeUndefined();
  await clock.advance(2_000);
  expect(await reader.find('garbage')).toBeUndefined();
  expect(await reader.find(kid)).toBeDefined();
});

test('a key that was taken out is not known for long', async () => {
  const { kid } = keys.current();
  expect(await reader.find(kid)).toBeDefined();
  await writeFile(jwksFile(data), '{"keys":[]}');
  await clock.advance(59_999);
  expect(await reader.find(kid)).toBeDefined();
  await clock.advance(1);
  expect(await reader.find(kid)).toBeUndefined();
});

test.each<[string, (text: string) => string]>([
  ['is empty', () => ''],
  ['is cut off', (text) => text.slice(0, 40)],
  ['is no set of keys', () => '[]'],
  ['has a private half', (text) => text.replace('"kty"', '"d":"AAAA","kty"')],
  ['has a key for another algorithm', (text) => text.replace('"EdDSA"', '"HS256"')],
  ['has a key that is a shared secret', (text) => text.replace('"OKP"', '"oct"')],
  ['is too large', (text) => text + ' '.repeat(2 ** 20)],
])('a file that %s has no keys, says so once, and is read again', async (_what, change) => {
  const { kid } = keys.current();
  const text = await readFile(jwksFile(data), 'utf8');
  await writeFile(jwksFile(data), change(text));
  for (let count = 0; count < 3; count++) {
    expect(await reader.find(kid)).toBeUndefined();
    await clock.advance(2_000);
  }
  expect(log).toHaveLength(1);
  await writeFile(jwksFile(data), text);
  expect(await reader.find(kid)).toBeDefined();
});

test('a file that is not there yet, or is a folder, has no keys', async () => {
  const logger = createLogger('silent', []);
  await mkdir(join(data, 'folder'));
  for (const name of ['none.json', 'folder']) {
    expect(await new JwksFile({ path: join(data, name), clock, logger }).find('x')).toBeUndefined();
  }
});

test('many at once read it once', async () => {
  const { kid } = keys.current();
  const found = await Promise.all(Array.from({ length: 1_000 }, () => reader.find(kid)));
  expect(found.every((key) => key !== undefined)).toBe(true);
  expect(new Set(found).size).toBe(1);
});
