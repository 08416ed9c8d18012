import { resolve } from 'node:path';
import { z } from 'zod';
import type { ServiceAddress, ServiceListen } from './factory-config.ts';
import { wrongType } from './issue-wording.ts';
import { isLoopback } from './key-source-url.ts';
import { listen } from './values.ts';

const SOCKET = /^unix:([^\0]+)$/;

const LISTEN_WORDS =
  'a socket such as unix:/run/clusters.sock, or a port of this machine such as 127.0.0.1:7443';
const URL_WORDS = 'unix:/run/clusters.sock, http://127.0.0.1:7443 or https://clusters.example.org';

/** Whoever may ask the service is root on its host, so what is said to it crosses no network unprotected. */
const PLAIN_ELSEWHERE =
  'must stay on this machine: a Unix socket, or a port of the loopback; for others put a proxy with TLS before it';

/** Where the cluster service listens. Paths as written. */
export const serviceListen = z
  .string({ error: (issue) => wrongType(issue.input, LISTEN_WORDS) })
  .transform((text, context): ServiceListen => {
    const [, path] = SOCKET.exec(text) ?? [];
    if (path !== undefined) return { kind: 'socket', path };
    const port = listen.safeParse(text);
    if (port.success && isLoopback(port.data.host)) return { kind: 'port', ...port.data };
    const message = port.success ? PLAIN_ELSEWHERE : `must be ${LISTEN_WORDS}`;
    context.issues.push({ code: 'custom', input: text, message });
    return z.NEVER;
  });

/** Where the gateway finds it. Paths as written. */
export const serviceAddress = z
  .string({ error: (issue) => wrongType(issue.input, URL_WORDS) })
  .transform((text, context): ServiceAddress => {
    const [, path] = SOCKET.exec(text) ?? [];
    if (path !== undefined) return { kind: 'socket', path };
    const url = URL.parse(text);
    const mistake = urlMistake(url);
    if (url !== null && mistake === undefined) return { kind: 'origin', origin: url.origin };
    context.issues.push({ code: 'custom', input: text, message: mistake ?? `must be ${URL_WORDS}` });
    return z.NEVER;
  });

function urlMistake(url: URL | null): string | undefined {
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return `must be ${URL_WORDS}`;
  if (url.href !== `${url.origin}/`) return 'must have a host and a port only';
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return 'must begin with https://; over plain http anybody on the way could become root on the Docker host';
  return undefined;
}

/** Where who listens so is found on the same machine. */
export function addressOf(listens: ServiceListen): ServiceAddress {
  if (listens.kind === 'socket') return listens;
  const host = listens.host.includes(':') ? `[${listens.host}]` : listens.host;
  return { kind: 'origin', origin: `http://${host}:${listens.port}` };
}

/** With the path of a socket absolute. */
export function absoluteSocket<Place extends ServiceAddress | ServiceListen>(
  place: Place,
  folder: string,
): Place {
  return place.kind === 'socket' ? { ...place, path: resolve(folder, place.path) } : place;
}

/** As people write it. */
export function formatServiceAddress(address: ServiceAddress): string {
  return address.kind === 'socket' ? `unix:${address.path}` : address.origin;
}
