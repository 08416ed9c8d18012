import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPublicKey } from '../../identity/public-key.ts';
import { knownHostsLine, sshfpLine, sshfpOf } from './published-host-keys.ts';

const HOST = 'lab.example.org';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'published-host-keys-'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each(['ed25519', 'rsa', 'ecdsa'])('of %s it is what ssh-keygen says', async (type) => {
  const file = join(folder, type);
  await execa('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file]);
  const { stdout: line } = await execa('ssh-keygen', ['-y', '-f', file]);
  const [name, base64 = ''] = line.split(' ');
  const reading = readPublicKey(Buffer.from(base64, 'base64'));
  if (reading.kind !== 'usable') throw new Error(reading.kind);
  const { key } = reading;

  const { stdout: records } = await execa('ssh-keygen', ['-r', HOST, '-f', file]);
  const ours = ([1, 2] as const).map((hash) => {
    const record = sshfpOf(key, hash);
    return record && sshfpLine(HOST, record);
  });
  expect(ours).toEqual(records.split('\n').map((record) => record.replace(HOST, `${HOST}. 300`)));

  expect(knownHostsLine({ host: HOST, port: 22 }, key)).toBe(`${HOST} ${name} ${base64}`);
  expect(knownHostsLine({ host: HOST, port: 0 }, key)).toBe(`${HOST} ${name} ${base64}`);
  const known = join(folder, 'known_hosts');
  await writeFile(known, `${knownHostsLine({ host: HOST, port: 2222 }, key)}\n`);
  const { stdout: found } = await execa('ssh-keygen', ['-l', '-F', `[${HOST}]:2222`, '-f', known]);
  expect(found).toContain(key.fingerprint);
});
