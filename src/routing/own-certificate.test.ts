import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../test/e2e/harness/certificate.ts';
import type { Clock } from '../time/clock.ts';
import { OwnCertificate } from './own-certificate.ts';

const HOST = 'lab.example.org';

let home: string;
let folder: string;
let logged: string[];
let looks: Array<() => void>;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'own-certificate-'));
  folder = join(home, 'own-certificate', 'for-traefik');
  logged = [];
  looks = [];
  await makeCertificate(home, [HOST]);
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** Time stands still until `look`. */
const still: Clock = {
  now: () => 0,
  schedule: (_delay, callback) => {
    looks.push(callback);
    return { [Symbol.dispose]: () => {} };
  },
};

/** All time passes at once. */
const hurried: Clock = {
  now: () => 0,
  schedule: (_delay, callback) => {
    queueMicrotask(callback);
    return { [Symbol.dispose]: () => {} };
  },
};

function open(clock = still, signal = new AbortController().signal): Promise<OwnCertificate> {
  const options = {
    files: { certificate: join(home, 'tls.crt'), key: join(home, 'tls.key') },
    host: HOST,
    folder,
    clock,
    logger: pino({ level: 'info' }, { write: (line: string) => void logged.push(line) }),
  };
  return OwnCertificate.open(options, signal);
}

/** Another pair for these names, beside the one in use. */
async function renew(hosts: readonly string[] = [HOST]) {
  const next = join(home, 'next');
  await mkdir(next, { recursive: true });
  await makeCertificate(next, hosts);
  return {
    certificate: () => rename(join(next, 'tls.crt'), join(home, 'tls.crt')),
    key: () => rename(join(next, 'tls.key'), join(home, 'tls.key')),
  };
}

/** The next look, to its end: then one more is planned. */
async function look(): Promise<void> {
  const callback = looks.shift();
  if (callback === undefined) throw new Error('no look is planned');
  callback();
  await expect.poll(() => looks.length).toBe(1);
}

test('the pair is placed for Traefik, and nobody else on this host gets at it', async () => {
  await using own = await open();
  const { certificate, key } = own.placed;
  expect(await readFile(join(folder, basename(key)), 'utf8')).toBe(
    await readFile(join(home, 'tls.key'), 'utf8'),
  );
  expect((await stat(join(folder, basename(certificate)))).mode & 0o777).toBe(0o644);
  expect((await stat(folder)).mode & 0o777).toBe(0o755);
  expect((await stat(dirname(folder))).mode & 0o777).toBe(0o700);
});

test.each([
  ['another name', [`x.${HOST}`], undefined, /another name/],
  ['no certificate', undefined, ['tls.crt', 'nothing'], /no certificate in it/],
  ['no key', undefined, ['tls.key', 'nothing'], /the key is none/],
] as const)('%s is refused', async (_what, hosts, file, expected) => {
  if (hosts !== undefined) await makeCertificate(home, hosts);
  if (file !== undefined) await writeFile(join(home, file[0]), file[1]);
  await expect(open(hurried)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(expected),
  });
});

test('a pair that is being renewed at the start is taken when it is one', async () => {
  const next = await renew();
  await next.certificate();
  const opening = open();
  await expect.poll(() => looks.length, { timeout: 30_000 }).toBe(1);
  await next.key();
  looks.shift()?.();
  await using own = await opening;
  const placed = await readFile(join(folder, basename(own.placed.key)), 'utf8');
  expect(placed).toBe(await readFile(join(home, 'tls.key'), 'utf8'));
  expect(logged.filter((line) => line.includes('the key is not its own'))).toHaveLength(1);
});

test('a start that is told to stop does not wait for a pair', async () => {
  await rm(join(home, 'tls.key'));
  const stop = new AbortController();
  const opening = open(still, stop.signal);
  await expect.poll(() => looks.length, { timeout: 30_000 }).toBe(1);
  stop.abort();
  await expect(opening).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('a data folder that takes no copy of it is no mistake in web.tls', async () => {
  await writeFile(join(home, 'own-certificate'), '');
  await expect(open()).rejects.toMatchObject({ message: expect.stringMatching(/data folder/) });
});

test.each([
  [[HOST], false],
  [[HOST, `www.${HOST}`], true],
  [[HOST, `*.${HOST}`], true],
])('a certificate for %j is wider than the name: %s', async (hosts, isWider) => {
  await makeCertificate(home, hosts);
  await using own = await open();
  expect(own.placed.isWider).toBe(isWider);
});

describe('a renewed pair', () => {
  test('is published, and the one of before goes when Traefik does not need it any more', async () => {
    await using own = await open();
    const before = own.placed;
    const published: string[] = [];
    own.follow(async () => void published.push(own.placed.key, ...(await readdir(folder)).sort()));
    const next = await renew();
    await next.certificate();
    await look();
    await look();
    expect([own.placed, published]).toEqual([before, []]);
    expect(logged.filter((line) => line.includes('not taken over'))).toHaveLength(1);
    await next.key();
    await look();
    expect(own.placed).not.toEqual(before);
    expect(published[0]).toBe(own.placed.key);
    // Both pairs were there while Traefik changed over.
    expect(published).toHaveLength(5);
    expect(await readdir(folder)).toHaveLength(2);
    expect(logged.join('')).not.toContain('PRIVATE KEY');
  });

  test('is tried again where Traefik could not be told', async () => {
    await using own = await open();
    const before = own.placed;
    let tries = 0;
    own.follow(() => (++tries < 2 ? Promise.reject(new Error('no Traefik')) : Promise.resolve()));
    const next = await renew();
    await next.certificate();
    await next.key();
    await look();
    expect([own.placed, tries]).toEqual([before, 1]);
    await look();
    expect([own.placed === before, tries]).toEqual([false, 2]);
    await look();
    expect(tries).toBe(2);
  });
});
