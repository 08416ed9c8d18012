import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PUBLIC_AUTHORITY } from '../../src/acme/testing/public-authority.ts';
import type { FileDefinition } from '../../src/labs/lab-definition.ts';
import { type Certificate, makeCertificate } from '../e2e/harness/certificate.ts';
import { connectInside } from './inner-client.ts';
import { anyProgress, createFixture, debianLab, workspaceKey } from './lab-fixture.ts';

const MINUTE = 60_000;
const signal = () => AbortSignal.timeout(2 * MINUTE);
const folder = mkdtempSync(join(tmpdir(), 'trusted-root-'));
let certificate: Certificate;

beforeAll(async () => {
  certificate = await makeCertificate(folder, ['localhost']);
});
afterAll(() => rm(folder, { recursive: true }));

/** Asks a TLS server of the container's own, with that certificate, in the ways that programs there do. */
const ASK = `
openssl s_server -quiet -www -accept 4433 -cert ~/tls.crt -key ~/tls.key >/dev/null 2>&1 &
trap "kill $!" EXIT
until openssl s_client -connect localhost:4433 </dev/null >/dev/null 2>&1; do kill -0 $! || exit 9; done
curl -s -o /dev/null https://localhost:4433/ && echo curl trusts
openssl s_client -verify_return_error -connect localhost:4433 </dev/null >/dev/null 2>&1 && echo openssl trusts
true`;

test.each([
  ['with the root of the authority', true],
  ['without one', false],
])('%s, what the programs of a container trust', { timeout: 5 * MINUTE }, async (_, isTrusted) => {
  const root = isTrusted ? certificate.pem : undefined;
  await using fixture = createFixture({ ...PUBLIC_AUTHORITY, root });
  const key = workspaceKey('alice');
  const file = (path: string, text: string): FileDefinition => ({
    path,
    content: { kind: 'text', text },
    mode: 0o600,
    owner: undefined,
  });
  const files = [file('/home/lab/tls.crt', certificate.pem), file('/home/lab/tls.key', certificate.keyPem)];
  await fixture.runtime.create(key, debianLab({ files }), anyProgress, signal());
  using inside = await connectInside(fixture.runtime, key, fixture.innerKey);
  const trusting = isTrusted ? 'curl trusts\nopenssl trusts\n' : '';
  expect((await inside.run(ASK)).stdout).toBe(trusting);
  // Made anew from what the distribution has and what was added, it is the same.
  await inside.run('sudo update-ca-certificates');
  expect((await inside.run(ASK)).stdout).toBe(trusting);
});
