import { rootCertificates } from 'node:tls';
import { Client } from 'undici';
import { z } from 'zod';
import { readAcmeAuthority } from '../../acme/acme-authority.ts';
import type { AcmeConfig } from '../../config/sections/acme.ts';
import { parseJson } from '../../json/parse-json.ts';
import { clockOffset } from '../clock-offset.ts';
import { isHostName } from './public-names.ts';

/** RFC 8555 §7.1.1, as far as it matters here. */
const directorySchema = z.object({
  newNonce: z.url(),
  newAccount: z.url(),
  newOrder: z.url(),
  revokeCert: z.url(),
  keyChange: z.url(),
  meta: z
    .object({
      // It ends up in a line to paste, and any other is no name of a CAA record.
      caaIdentities: z
        .array(z.string())
        .default([])
        .transform((all) => all.map((name) => name.toLowerCase()).filter(isHostName)),
      externalAccountRequired: z.boolean().default(false),
    })
    .prefault({}),
});

export type AcmeDirectory = z.output<typeof directorySchema>;

/** One question to the ACME server of the configuration. */
export type DirectoryVisit =
  | {
      readonly kind: 'directory';
      readonly directory: AcmeDirectory;
      readonly clockOffset: number | undefined;
    }
  /** It speaks HTTP, and something else than RFC 8555. */
  | { readonly kind: 'other'; readonly reason: string; readonly clockOffset: number | undefined }
  /** Its certificate is not to be trusted. `code`: OpenSSL's, such as "CERT_HAS_EXPIRED". */
  | { readonly kind: 'untrusted'; readonly code: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** ms */
const LIMIT = 20_000;
const LARGEST = 64 * 1024;

/** Gets the directory, trusting what labs trust. Never rejects. */
export async function visitDirectory(config: AcmeConfig, signal: AbortSignal): Promise<DirectoryVisit> {
  try {
    return await visit(config, AbortSignal.any([signal, AbortSignal.timeout(LIMIT)]));
  } catch (thrown) {
    return failure(thrown);
  }
}

async function visit(config: AcmeConfig, signal: AbortSignal): Promise<DirectoryVisit> {
  const { root } = readAcmeAuthority(config);
  const url = new URL(config.directory);
  const client = new Client(url.origin, {
    maxResponseSize: LARGEST,
    connect: { timeout: LIMIT, ...(root !== undefined && { ca: [...rootCertificates, root] }) },
  });
  try {
    const answer = await client.request({
      method: 'GET',
      path: `${url.pathname}${url.search}`,
      headers: { accept: 'application/json', 'user-agent': 'ssh-lab-factory' },
      signal,
    });
    const offset = clockOffset(String(answer.headers.date), 0, Date.now());
    const text = await answer.body.text();
    if (answer.statusCode !== 200) {
      return { kind: 'other', reason: `status ${answer.statusCode}`, clockOffset: offset };
    }
    const read = directorySchema.safeParse(parseJson(text));
    if (read.success) return { kind: 'directory', directory: read.data, clockOffset: offset };
    const missing = read.error.issues.map(({ path }) => path.join('.')).filter((path) => path !== '');
    const reason = missing.length === 0 ? 'its answer is no JSON object' : `it has no ${missing.join(', ')}`;
    return { kind: 'other', reason, clockOffset: offset };
  } finally {
    await client.destroy();
  }
}

/** OpenSSL's codes of certificates that did not hold (Node.js, "X509 certificate error codes"), and Node's own for a wrong name. */
const UNTRUSTED = /CERT|SIGNED|ISSUER|CRL|ERR_TLS/;

function failure(thrown: unknown): DirectoryVisit {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;
  if (code !== undefined && UNTRUSTED.test(code)) return { kind: 'untrusted', code };
  const isLate = thrown instanceof DOMException && thrown.name === 'TimeoutError';
  return { kind: 'failed', reason: isLate ? 'no answer in time' : (code ?? 'the request failed') };
}
