import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { Client, type Dispatcher } from 'undici';
import { orAborted } from '../../time/or-aborted.ts';
import { type AddressPolicy, judgeAddress } from './address-policy.ts';

/** The most that is read of an answer: files of 1 MiB in base64, and the rest. Bytes. */
export const LARGEST_ANSWER = 2 * 2 ** 20;

export interface HookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Of all of it, ms. */
  readonly timeout: number;
  /** Else nothing of the answer's body is read. */
  readonly wantsBody: boolean;
  /** The whole request has left this process. */
  readonly onSent: () => void;
}

export interface HookResponse {
  readonly status: number;
  /** Lower-case names; of several values the first. */
  readonly header: (name: string) => string | undefined;
  /** Undefined: not wanted, or no success. */
  readonly body: string | undefined;
}

/** The URL may not be called; nothing was sent. `message`: why, for the operator. */
export class ForbiddenTarget extends Error {}

export interface Site {
  readonly policy: AddressPolicy;
  /** Certificates (PEM) that are trusted besides the usual ones; undefined: none. */
  readonly ca: readonly string[] | undefined;
  /** Every address of a name. Rejects where it has none. */
  readonly lookUp: (name: string) => Promise<readonly LookupAddress[]>;
}

/**
 * One POST. The host's name is looked up once, every address is judged, and the connection goes to what was judged: a name that changes
 * its address in between leads nowhere else. Redirects are not followed, proxies not used, connections not kept. Rejects with
 * `ForbiddenTarget`, with what the network fails with, and with the reason of `signal`.
 */
export async function postHook(request: HookRequest, site: Site, signal: AbortSignal): Promise<HookResponse> {
  const url = targetOf(request.url);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(request.timeout)]);
  const addresses = await addressesOf(url.hostname.replace(/^\[|\]$/g, ''), site, limited);
  assertAllowed(url, addresses, site.policy);
  const client = new Client(url.origin, {
    allowH2: false,
    maxResponseSize: LARGEST_ANSWER,
    headersTimeout: request.timeout,
    bodyTimeout: request.timeout,
    connect: {
      lookup: pinned(addresses),
      timeout: request.timeout,
      ...(site.ca !== undefined && { ca: [...site.ca] }),
    },
  });
  try {
    const answer = await client.request({
      method: 'POST',
      path: `${url.pathname}${url.search}`,
      headers: { ...request.headers, 'content-length': String(Buffer.byteLength(request.body)) },
      body: Readable.from(telling(request)),
      signal: limited,
    });
    return await responseOf(answer, request.wantsBody);
  } finally {
    await client.destroy();
  }
}

function targetOf(text: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new ForbiddenTarget('its url is none of http or https');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ForbiddenTarget('its url holds a user name or password; use a header or the secret');
  }
  return url;
}

/** Rejects with the reason of `signal`; the system's own look-up can not be ended, and goes on for nobody. */
async function addressesOf(
  host: string,
  { lookUp }: Site,
  signal: AbortSignal,
): Promise<readonly LookupAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  signal.throwIfAborted();
  return orAborted(lookUp(host), signal);
}

/** One address that is refused is enough: which of them is taken is up to whoever serves the name. */
function assertAllowed(url: URL, addresses: readonly LookupAddress[], policy: AddressPolicy): void {
  for (const { address } of addresses) {
    const judged = judgeAddress(address, policy);
    if (judged === 'refused') {
      throw new ForbiddenTarget(
        `${url.hostname} is at ${address}, which is not public; hooks.private_addresses may allow it`,
      );
    }
    if (judged === 'public' && url.protocol === 'http:') {
      throw new ForbiddenTarget(`${url.hostname} is public, so its url must begin with https://`);
    }
  }
}

/** Whatever is asked for: what was judged. */
function pinned(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (first === undefined) return callback(new Error('the name has no address'), '');
    if (options.all) return callback(null, [...addresses]);
    return callback(null, first.address, first.family);
  };
}

/** In one piece, and goes on when that was written. */
async function* telling({ body, onSent }: HookRequest): AsyncGenerator<Buffer> {
  yield Buffer.from(body);
  onSent();
}

async function responseOf(answer: Dispatcher.ResponseData, wantsBody: boolean): Promise<HookResponse> {
  const { statusCode: status, headers, body } = answer;
  const header = (name: string) => [headers[name]].flat()[0];
  if (wantsBody && status >= 200 && status < 300) return { status, header, body: await body.text() };
  // The connection is about to be destroyed, and the body with it.
  body.on('error', () => {});
  return { status, header, body: undefined };
}
