import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { SecretSource } from '../../config/sections/containerssh.ts';
import { FactoryError } from '../../errors/factory-error.ts';

/** Characters; a secret of `openssl rand -hex 16` is the shortest that is taken. */
const SHORTEST_SECRET = 32;
const LONGEST_SECRET = 1_024;

/** RFC 6750 §2.1, RFC 7617 §2. */
const BEARER = /^bearer +([\x21-\x7e]{1,1024})$/i;
const BASIC = /^basic +([A-Za-z0-9+/]{1,2048}={0,2})$/i;

/** Whether a request comes with the secret. Says nothing of how much of it was right, also not by the time that it takes. */
export type CallerCheck = (request: IncomingMessage) => boolean;

/**
 * Go's HTTP client, and so ContainerSSH, turns the user and password of a URL (`https://containerssh:secret@host/`) into basic
 * authentication; its configuration has no place for a header. A bearer token is for all others. The user name is not looked at.
 */
export function createCallerCheck(secret: string): CallerCheck {
  const right = digest(secret);
  return (request) => {
    const given = secretIn(request);
    return timingSafeEqual(digest(given ?? ''), right) && given !== undefined;
  };
}

function secretIn({ headers, rawHeaders }: IncomingMessage): string | undefined {
  // Node shows only the first of several, and a proxy before us may have looked at another.
  const count = rawHeaders.filter((name, index) => index % 2 === 0 && /^authorization$/i.test(name)).length;
  if (count !== 1) return undefined;
  const { authorization = '' } = headers;
  const [, token] = BEARER.exec(authorization) ?? [];
  if (token !== undefined) return token;
  const [, base64] = BASIC.exec(authorization) ?? [];
  if (base64 === undefined) return undefined;
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(base64, 'base64').toString()) ?? [];
  return password;
}

/** So that what is compared is equally long, whatever came. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Rejects with `CONFIG_INVALID`. */
export async function readSecret(source: SecretSource): Promise<string> {
  const secret = (source.kind === 'env' ? process.env[source.name] : await readText(source.file))?.trim();
  const place = source.kind === 'env' ? `the environment variable ${source.name}` : source.file;
  if (secret === undefined || secret === '') throw invalid(`There is no secret in ${place}`);
  if (secret.length < SHORTEST_SECRET || secret.length > LONGEST_SECRET || !/^[\x21-\x7e]+$/.test(secret)) {
    throw invalid(
      `The secret in ${place} must be one word of ${SHORTEST_SECRET} to ${LONGEST_SECRET} characters`,
    );
  }
  return secret;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw invalid(`The secret for ContainerSSH cannot be read from ${file}`, cause);
  }
}

function invalid(what: string, cause?: unknown): FactoryError {
  const message = `${what}; mend containerssh.secret (\`openssl rand -hex 32\` makes one).`;
  return new FactoryError('CONFIG_INVALID', message, { cause });
}
