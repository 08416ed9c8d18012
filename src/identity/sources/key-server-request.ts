import { type AuthorizedKeys, parseAuthorizedKeys } from '../authorized-keys.ts';
import type { PublicKey } from '../public-key.ts';
import { boundedGet, failureReason, NotAnAnswer, readBounded } from './bounded-get.ts';

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
const MOST_BYTES = 256 * 1024;

/**
 * Asks a server that works as GitHub does: 200 with authorized_keys lines for a user it knows, 404 for one it does not. All
 * else (another status, HTML, a line that is no key, a redirect to another host, silence for 5 s) is `failed`. Never rejects.
 */
export async function askKeyServer(url: URL, options: KeyServerQuestion = {}): Promise<KeyServerAnswer> {
  const { signal, onHeaders } = options;
  const inTime = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await boundedGet(
      url,
      'text/plain',
      signal === undefined ? inTime : AbortSignal.any([signal, inTime]),
    );
    onHeaders?.(response.headers);
    return await readAnswer(response);
  } catch (error) {
    const reason = failureReason(error);
    return error instanceof NotAnAnswer
      ? { kind: 'failed', reason }
      : { kind: 'failed', reason, cause: error };
  }
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
  return judge(parseAuthorizedKeys(await readBounded(response, MOST_BYTES)), type);
}

function judge(listed: AuthorizedKeys, contentType: string | undefined): KeyServerAnswer {
  const [firstBroken] = listed.unreadable;
  if (firstBroken !== undefined) throw new NotAnAnswer(`line ${firstBroken} is not a key`);
  if (listed.keys.length + listed.unusable.length > 0) return { kind: 'keys', keys: listed.keys };
  // That somebody has no keys is believed only of a server that says it in the form it would list them.
  if (contentType !== 'text/plain') throw new NotAnAnswer('an empty answer that is not plain text');
  return { kind: 'empty' };
}
