import { setTimeout as delay } from 'node:timers/promises';
import { FactoryError } from '../errors/factory-error.ts';
import { generationMarker } from './routing-rules.ts';

/** A change takes 50 to 150 ms to act; under heavy load a few seconds were seen. ms. */
const TAKE_OVER_LIMIT = 15_000;
const POLL_INTERVAL = 20;
/** Longer than that it hardly ever takes: it may not run any more. ms. */
const SUSPICIOUS = 1_000;

/**
 * Resolves when Traefik routes by this generation of the configuration; `TRAEFIK_FAILED` when it does not in time.
 *
 * @param onSuspicion is called once where it takes so long that Traefik may not run
 */
export async function confirmGeneration(
  api: string,
  generation: string,
  onSuspicion: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const signal = AbortSignal.timeout(TAKE_OVER_LIMIT);
  const suspiciousAt = performance.now() + SUSPICIOUS;
  const url = `${api}/api/http/middlewares/${generationMarker(generation)}@file`;
  let suspected = false;
  while (!(await answersOk(url, signal))) {
    if (!suspected && performance.now() > suspiciousAt) {
      suspected = true;
      await onSuspicion(signal);
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
