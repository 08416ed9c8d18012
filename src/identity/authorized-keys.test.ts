import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProcessorTime } from '../time/testing/processor-time.ts';
import { parseAuthorizedKeys, parseAuthorizedKeysLine } from './authorized-keys.ts';
import { isSameKey, readPublicKey } from './public-key.ts';
import { KEY_TYPES, makeTestKey } from './testing/test-keys.ts';
import { wireString } from './wire-reader.ts';

const keys = KEY_TYPES.map((type) => makeTestKey(type));
const anyKey = fc.constantFrom(...keys);
const ed25519 = makeTestKey('ssh-ed25519');

describe('a line', () => {
  const accepted = [
    ['a key', ed25519.line],
    ['blanks around it', `  \t${ed25519.line}  `],
    ['tabs between', ed25519.line.replaceAll(' ', '\t')],
    ['an option', `no-pty ${ed25519.line}`],
    ['options in any case', `No-Agent-Forwarding,restrict ${ed25519.line}`],
    ['blanks and quotes in an option', `command="echo \\"a, b\\" c",no-pty   ${ed25519.line}`],
    ['a key inside of an option', `command="echo ${makeTestKey('ssh-ed25519').line}" ${ed25519.line}`],
    ['a backslash in an option', `environment="A=\\d" ${ed25519.line}`],
  ] as const;
  test.each(accepted)('with %s is read', (_, line) => {
    expect(parseAuthorizedKeysLine(line)).toEqual({ kind: 'usable', key: ed25519.key });
  });

  const refused = [
    ['a word before', `hello ${ed25519.line}`, 'unusable'],
    ['junk before', `>>> ${ed25519.line}`, 'malformed'],
    ['an open quote', `command="echo ${ed25519.line}`, 'malformed'],
    ['two blanks of junk', `no-pty junk ${ed25519.line}`, 'malformed'],
    ['a certificate authority', `cert-authority ${ed25519.line}`, 'unusable'],
    ['an address rule', `no-pty,from="10.0.0.0/8" ${ed25519.line}`, 'unusable'],
    ['an end of its validity', `expiry-time="20200101" ${ed25519.line}`, 'unusable'],
    ['another type than the key has', ed25519.line.replace('ssh-ed25519', 'ssh-rsa'), 'malformed'],
    ['the type alone', 'ssh-ed25519', 'malformed'],
    ['HTML', '<!DOCTYPE html>', 'malformed'],
    ['a comment', `# ${ed25519.line}`, 'blank'],
    ['nothing', ' \t', 'blank'],
  ] as const;
  test.each(refused)('with %s is not', (_, line, kind) => {
    expect(parseAuthorizedKeysLine(line).kind).toBe(kind);
  });

  test('never makes the parser throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseAuthorizedKeys(text)));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readPublicKey(Buffer.from(bytes))),
    );
  });

  test('is read in linear time, whatever is in its options', () => {
    const hostile = `command="${'\\"'.repeat(100_000)}`;
    const worked = startProcessorTime();
    expect(parseAuthorizedKeysLine(`${'a,'.repeat(50_000)}${hostile}`).kind).toBe('malformed');
    expect(worked()).toBeLessThan(1_000);
  });
});

describe('a key', () => {
  test('that is cut short or has a tail is malformed', () => {
    const changed = fc.tuple(anyKey, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 9 }));
    fc.assert(
      fc.property(changed, ([{ key }, at, tail]) => {
        const cut = key.blob.subarray(0, at % key.blob.length);
        expect(readPublicKey(cut)).toEqual({ kind: 'malformed' });
        expect(readPublicKey(Buffer.concat([key.blob, tail]))).toEqual({ kind: 'malformed' });
      }),
    );
  });

  test('that is cut short in its base64 is never read as a key', () => {
    fc.assert(
      fc.property(anyKey, fc.nat(), ({ key }, at) => {
        const base64 = key.blob.toString('base64');
        const line = `${key.type} ${base64.slice(0, at % base64.length)}`;
        expect(parseAuthorizedKeysLine(line)).toEqual({ kind: 'malformed' });
      }),
    );
  });

  test('is the same as itself alone, not as one that begins with it or holds it', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (a, b) => {
        expect(isSameKey(a.key, b.key)).toBe(a === b);
      }),
    );
    const longer = { ...ed25519.key, blob: Buffer.concat([ed25519.key.blob, Buffer.of(0)]) };
    expect(isSameKey(ed25519.key, longer)).toBe(false);
    expect(isSameKey(ed25519.key, { ...ed25519.key, type: 'ssh-rsa' })).toBe(false);
  });

  test('of a kind that may not log in is unusable, with the reason', () => {
    const of = (type: string) => readPublicKey(Buffer.concat([wireString(type), wireString('x')]));
    expect(of('ssh-ed25519-cert-v01@openssh.com')).toMatchObject({ reason: 'certificates are not accepted' });
    expect(of('ssh-dss')).toMatchObject({ reason: 'DSA keys are too weak' });
    expect(of('ssh-future@example.org')).toMatchObject({ reason: 'this type of key is not known' });
    const weak = readPublicKey(makeTestKey('ssh-rsa', 1024).key.blob);
    expect(weak).toMatchObject({ kind: 'unusable', reason: expect.stringContaining('1024') });
  });
});

test('a whole file gives its keys, and the lines that are none by number', () => {
  const [first, second] = [makeTestKey('ssh-ed25519'), makeTestKey('ecdsa-sha2-nistp384')];
  const lines = ['# mine', first.line, '', 'junk', `ssh-dss ${wireString('ssh-dss').toString('base64')}`];
  const text = `\uFEFF${first.line}\r\n${lines.join('\r\n')}\n${second.line}`;
  expect(parseAuthorizedKeys(text)).toEqual({
    keys: [first.key, first.key, second.key],
    unusable: [{ line: 6, type: 'ssh-dss', reason: 'DSA keys are too weak' }],
    unreadable: [5],
  });
});

describe('keys of ssh-keygen', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'identity-keygen-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const kinds = [
    ['ed25519', ''],
    ['ecdsa', '256'],
    ['ecdsa', '384'],
    ['ecdsa', '521'],
    ['rsa', '2048'],
    ['rsa', '3072'],
  ] as const;
  test.each(kinds)('%s %s: read, with the fingerprint that ssh-keygen prints', async (type, bits) => {
    const path = join(folder, `${type}${bits}`);
    await execa('ssh-keygen', ['-q', '-t', type, ...(bits ? ['-b', bits] : []), '-N', '', '-f', path]);
    const { stdout } = await execa('ssh-keygen', ['-l', '-f', `${path}.pub`]);
    const { keys: listed } = parseAuthorizedKeys(await readFile(`${path}.pub`, 'utf8'));
    expect(listed.map((key) => key.fingerprint)).toEqual([stdout.split(' ')[1]]);
  });
});
