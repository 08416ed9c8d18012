import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { FactoryError } from '../errors/factory-error.ts';
import { ENTRY_POINT } from './entry-points.ts';
import { generationMarker } from './routing-rules.ts';
import type { TraefikPorts } from './traefik-options.ts';

/**
 * A change takes 50 to 150 ms to act, under heavy load some seconds, and each step of each cluster waits for one: this is for what never
 * comes. A step may wait for two, so `STEP_LIMITS` are above twice as much. ms.
 */
const TAKE_OVER_LIMIT = 60_000;
const POLL_INTERVAL = 20;
/** Longer than that it hardly ever takes: it may not run any more. ms. */
const SUSPICIOUS = 1_000;
/** It may have been ended only after that, or could not be started. ms. */
const SUSPICIOUS_AGAIN = 10_000;

/**
 * Resolves when Traefik routes by this generation, HTTP and TCP: Traefik (v3.6, `switchRouter` in cmd/traefik) builds the routers
 * of all entry points first and then puts them in their places in one loop that waits for nothing. Its API is the router of an entry
 * point as well, so who is told there of the marker was served by a router of that loop; the others follow within microseconds, in
 * any order. Connections that are open stay where they are, and the next request on one for HTTP goes by the new rules. Rejects
 * with `TRAEFIK_FAILED` when it does not in time.
 *
 * @param onSuspicion is called where it takes so long that Traefik may not run, and now and then again; it never rejects. Traefik is
 * asked on meanwhile: a Docker that is as slow is no reason to miss its answer
 */
export async function confirmGeneration(
  api: string,
  generation: string,
  onSuspicion: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const signal = AbortSignal.timeout(TAKE_OVER_LIMIT);
  let suspiciousAt = performance.now() + SUSPICIOUS;
  const url = `${api}/api/http/middlewares/${generationMarker(generation)}@file`;
  while (!(await answersOk(url, signal))) {
    if (performance.now() > suspiciousAt) {
      suspiciousAt = Number.POSITIVE_INFINITY;
      void onSuspicion(signal).then(() => {
        suspiciousAt = performance.now() + SUSPICIOUS_AGAIN;
      });
    }
    if (!signal.aborted) await delay(POLL_INTERVAL, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) continue;
    throw new FactoryError(
      'TRAEFIK_FAILED',
      'Traefik did not take over the new routes; look at its container and its log.',
    );
  }
}

/** Whether a GET of `url` is answered with a 2xx status. */
export async function answersOk(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** Of `GET /api/entrypoints`; https://doc.traefik.io/traefik/operations/api/. */
const ENTRY_POINTS = z.array(z.object({ name: z.string(), address: z.string() }));

/** Whether the Traefik that answers at `api` is the one with these ports. */
export async function listensOn(api: string, ports: TraefikPorts, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`${api}/api/entrypoints`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]),
    });
    const found = ENTRY_POINTS.parse(await response.json());
    return (['http', 'https', 'kube'] as const).every((key) =>
      found.some(({ name, address }) => name === ENTRY_POINT[key] && address.endsWith(`:${ports[key]}`)),
    );
  } catch {
    return false;
  }
}
