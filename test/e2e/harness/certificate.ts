import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { PATIENCE } from './eventually.ts';

export interface Certificate {
  /** Also the file that a client trusts: the certificate signs itself. */
  readonly file: string;
  readonly keyFile: string;
  readonly pem: string;
  readonly keyPem: string;
}

/** A certificate for these host names and addresses, made with openssl. */
export async function makeCertificate(folder: string, hosts: readonly string[]): Promise<Certificate> {
  const [file, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  const names = hosts.map((host) => `${isIP(host) === 0 ? 'DNS' : 'IP'}:${host}`).join(',');
  await execa(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', '/CN=made in the test', '-addext', `subjectAltName=${names}`],
      ...['-keyout', keyFile, '-out', file],
    ],
    { timeout: PATIENCE },
  );
  return { file, keyFile, pem: await readFile(file, 'utf8'), keyPem: await readFile(keyFile, 'utf8') };
}
