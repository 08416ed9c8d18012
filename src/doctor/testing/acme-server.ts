import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../../../test/e2e/harness/certificate.ts';

/** A server that has a directory, and nothing behind it. */
export interface AcmeServer extends AsyncDisposable {
  readonly directory: string;
  /** The file with the certificate that it is to be trusted by. */
  readonly root: string;
  /** How it answers; it may be changed at any time. */
  answer: RequestListener;
}

const OPERATIONS = ['newNonce', 'newAccount', 'newOrder', 'revokeCert', 'keyChange'];

/** RFC 8555 §7.1.1, with `more` in place of what it usually has. */
export function directoryAnswer(
  more: Readonly<Record<string, unknown>> = {},
  date = new Date(),
): RequestListener {
  const operations = OPERATIONS.map((name) => [name, `https://ca.example.org/${name}`]);
  const directory = {
    ...Object.fromEntries(operations),
    meta: { caaIdentities: ['ca.example.org'] },
    ...more,
  };
  return (_, response) => {
    response.setHeader('date', date.toUTCString()).end(JSON.stringify(directory));
  };
}

export async function startAcmeServer(): Promise<AcmeServer> {
  const folder = await mkdtemp(join(tmpdir(), 'acme-server-'));
  const { file, pem, keyPem } = await makeCertificate(folder, ['localhost']);
  const server = createServer({ cert: pem, key: keyPem }, (request, response) =>
    acme.answer(request, response),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const acme: AcmeServer = {
    directory: `https://localhost:${port}/dir`,
    root: file,
    answer: directoryAnswer(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
  return acme;
}
