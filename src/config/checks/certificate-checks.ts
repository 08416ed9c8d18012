import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { certificatesIn } from '../../acme/pem.ts';
import type { ConfigDraft } from '../config-draft.ts';
import type { Problem } from '../problem.ts';
import { readingMistake, readRegularFile } from '../regular-file.ts';
import { path as pathValue } from '../values.ts';
import type { Path } from '../yaml-document.ts';
import { ownHosts } from './own-hosts.ts';

/** Bytes. */
const LARGEST_PEM = 2 ** 20;

const ROOT: Path = ['acme', 'root'];
const CERTIFICATE: Path = ['web', 'tls', 'certificate'];
const KEY: Path = ['web', 'tls', 'key'];

/**
 * The files of `acme.root` and `web.tls` are what they are said to be. One that is out of date is no mistake: students shall come in all
 * the same, and the doctor tells.
 */
export async function certificateProblems(draft: ConfigDraft): Promise<readonly Problem[]> {
  const mistakes = await Promise.all([mistakeOfRoot(draft), mistakeOfOwn(draft)]);
  return mistakes.flatMap((found) => (found === undefined ? [] : [draft.document.problemAt(...found)]));
}

type Mistake = readonly [path: Path, message: string] | undefined;

async function mistakeOfRoot(draft: ConfigDraft): Promise<Mistake> {
  const read = await readPem(draft, ROOT, certificatesIn);
  if (read === undefined) return undefined;
  if ('mistake' in read) return [ROOT, read.mistake];
  if (read.value.length === 0) return [ROOT, 'has no certificate in it (PEM)'];
  const isAuthority = read.value.every((certificate) => certificate.ca);
  return isAuthority ? undefined : [ROOT, 'must hold certificates of authorities alone (CA:TRUE)'];
}

async function mistakeOfOwn(draft: ConfigDraft): Promise<Mistake> {
  const [chain, key] = await Promise.all([
    readPem(draft, CERTIFICATE, certificatesIn),
    readPem(draft, KEY, createPrivateKey),
  ]);
  if (chain !== undefined && 'mistake' in chain) return [CERTIFICATE, chain.mistake];
  if (key !== undefined && 'mistake' in key) return [KEY, key.mistake];
  if (chain === undefined || key === undefined) return undefined;
  const [own] = chain.value;
  if (own === undefined) return [CERTIFICATE, 'has no certificate in it (PEM)'];
  if (!own.checkPrivateKey(key.value)) return [KEY, 'is not the key of the certificate beside it'];
  return mistakeOfName(draft, own);
}

function mistakeOfName(draft: ConfigDraft, own: X509Certificate): Mistake {
  const { webHost } = ownHosts(draft);
  if (webHost === undefined || own.checkHost(webHost) !== undefined) return undefined;
  return [CERTIFICATE, `is not for ${webHost}; it is for ${own.subjectAltName ?? 'no host at all'}`];
}

type Read<T> = { readonly value: T } | { readonly mistake: string };

/** Undefined where the configuration names no file at `path`, or one that this user may not read. */
async function readPem<T>(
  draft: ConfigDraft,
  path: Path,
  parse: (text: string) => T,
): Promise<Read<T> | undefined> {
  if (!draft.has(path)) return undefined;
  const [named] = draft.item(pathValue, path);
  if (named === undefined) return undefined;
  let text: string;
  try {
    text = (await readRegularFile(draft.absolute(named.value), LARGEST_PEM)).toString();
  } catch (error) {
    // The process with the Docker socket may be another user's, who has no use for the key.
    if (isForbidden(error)) return undefined;
    return { mistake: readingMistake(error) };
  }
  try {
    return { value: parse(text) };
  } catch {
    return { mistake: 'is no PEM of that' };
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EACCES';
}
