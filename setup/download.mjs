// @ts-check
import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SetupError } from './setup-error.mjs';

/** A host that is not there must not cost more than this; ms. */
export const CONNECT_WITHIN = 5_000;
/** A download that stands still for so long is given up; ms. */
const STALLED_AFTER = 30_000;

/** Thrown where no host answers: what is behind it may be had another way. */
export class Unreachable extends Error {}

/**
 * @param {string} url
 * @returns {Promise<boolean>} does the host answer at all, whatever it says?
 */
export async function answers(url) {
  try {
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(CONNECT_WITHIN) });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} url
 * @returns {Promise<string>}
 */
export async function downloadText(url) {
  const chunks = [];
  for await (const chunk of bytesOf(url)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Downloads a program; it appears at `path` by rename, whole and with the right sum, or not at all.
 * @param {string} url
 * @param {string} path
 * @param {string} sha256 hex
 * @param {(bytes: number) => void} [onProgress]
 * @throws {Unreachable} where no host answers
 */
export async function downloadFile(url, path, sha256, onProgress) {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part-${process.pid}`;
  const hash = createHash('sha256');
  const file = await open(part, 'w', 0o755);
  try {
    let size = 0;
    for await (const chunk of bytesOf(url)) {
      hash.update(chunk);
      await file.writeFile(chunk);
      size += chunk.length;
      onProgress?.(size);
    }
    const sum = hash.digest('hex');
    if (sum !== sha256) throw new SetupError(`${url} has the sha256 ${sum}, not ${sha256}.`);
    await file.close();
    await rename(part, path);
  } finally {
    await file.close().catch(() => undefined);
    await rm(part, { force: true });
  }
}

/**
 * @param {string} url
 * @returns {AsyncGenerator<Uint8Array>}
 */
async function* bytesOf(url) {
  const controller = new AbortController();
  let timer = setTimeout(() => controller.abort(), CONNECT_WITHIN);
  try {
    const response = await fetch(url, { signal: controller.signal }).catch((cause) => {
      throw new Unreachable(`no answer from ${new URL(url).host}`, { cause });
    });
    if (!response.ok || !response.body) throw new SetupError(`${url} answered ${response.status}.`);
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(), STALLED_AFTER);
      yield chunk;
    }
  } catch (error) {
    if (!controller.signal.aborted || error instanceof Unreachable) throw error;
    throw new SetupError(`The download of ${url} stood still.`, { cause: error, hint: 'run this again.' });
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}
