/** What came is not what was asked for; the message is a short phrase for the log. */
export class NotAnAnswer extends Error {}

const MOST_REDIRECTS = 3;

/**
 * GET, along redirects within the same server. Rejects with `NotAnAnswer` for a redirect to another one, and as `fetch` does.
 * The body is still to be read, by `readBounded`, or to be cancelled.
 */
export async function boundedGet(start: URL, accept: string, signal: AbortSignal): Promise<Response> {
  let url = start;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const headers = { accept, 'user-agent': 'ssh-lab-factory' };
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

/** Rejects with `NotAnAnswer` where the body has more than `most` bytes. */
export async function readBounded(response: Response, most: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > most) throw new NotAnAnswer(`more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Why a request failed, as a short phrase for the log. */
export function failureReason(error: unknown): string {
  if (error instanceof NotAnAnswer) return error.message;
  const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
  return timedOut ? 'no answer in time' : 'the request failed';
}
