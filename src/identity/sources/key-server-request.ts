import { type AuthorizedKeys, parseAuthorizedKeys } from '../authorized-keys.ts';
import type { PublicKey } from '../public-key.ts';

export type KeyServerAnswer =
  | { readonly kind: 'keys'; readonly keys: readonly PublicKey[] }
  /** The server knows the user and lists nothing. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'unknown' }
  /** Not an answer; `reason` is for the log. */
  | { readonly kind: 'failed'; readonly reason: string; readonly cause?: unknown };

export interface KeyServerQuestion {
  /** When it aborts, the answer is `failed`. */
  readonly signal?: AbortSignal;
  /** Gets the headers of the answer, once those that redirect are followed. */
  readonly onHeaders?: (headers: Headers) => void;
}

const TIMEOUT_MS = 5_000;
const MOST_REDIRECTS = 3;
const MOST_BYTES = 256 * 1024;

/**
 * Asks a server that works as GitHub does: 200 with authorized_keys lines for a user it knows, 404 for one it does not. All
 * else (another status, HTML, a line that is no key, a redirect to another host, silence for 5 s) is `failed`. Never rejects.
 */
export async function askKeyServer(url: URL, options: KeyServerQuestion = {}): Promise<KeyServerAnswer> {
  const { signal, onHeaders } = options;
  const inTime = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await get(url, signal === undefined ? inTime : AbortSignal.any([signal, inTime]));
    onHeaders?.(response.headers);
    return await readAnswer(response);
  } catch (error) {
    if (error instanceof NotAnAnswer) return { kind: 'failed', reason: error.message };
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
    return { kind: 'failed', reason: timedOut ? 'no answer in time' : 'the request failed', cause: error };
  }
}

class NotAnAnswer extends Error {}

async function get(start: URL, signal: AbortSignal): Promise<Response> {
  let url = start;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const headers = { accept: 'text/plain', 'user-agent': 'ssh-lab-factory' };
    const response = await fetch(url.href, { redirect: 'manual', signal, headers });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    const next = URL.parse(location, url.href);
    // Another host could speak for any user, and a step down to http could be anybody.
    if (next?.origin !== start.origin) throw new NotAnAnswer('it redirects to another server');
    url = next;
  }
  throw new NotAnAnswer('it redirects too often');
}

async function readAnswer(response: Response): Promise<KeyServerAnswer> {
  if (response.status !== 200) {
    await response.body?.cancel();
    if (response.status === 404) return { kind: 'unknown' };
    throw new NotAnAnswer(`status ${response.status}`);
  }
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === 'text/html') {
    await response.body?.cancel();
    throw new NotAnAnswer('a web page came, not keys');
  }
  return judge(parseAuthorizedKeys(await readBody(response)), type);
}

function judge(listed: AuthorizedKeys, contentType: string | undefined): KeyServerAnswer {
  const [firstBroken] = listed.unreadable;
  if (firstBroken !== undefined) throw new NotAnAnswer(`line ${firstBroken} is not a key`);
  if (listed.keys.length + listed.unusable.length > 0) return { kind: 'keys', keys: listed.keys };
  // That somebody has no keys is believed only of a server that says it in the form it would list them.
  if (contentType !== 'text/plain') throw new NotAnAnswer('an empty answer that is not plain text');
  return { kind: 'empty' };
}

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new NotAnAnswer(`more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
