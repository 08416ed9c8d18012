import { addAbortSignal } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { asFactoryError } from '../errors/factory-error.ts';
import type { Logger } from '../logging/logger.ts';
import { LABEL } from '../names/docker-names.ts';
import type { InstanceId } from '../names/instance-id.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { DockerEngine } from './docker-engine.ts';
import { jsonLines } from './json-lines.ts';
import { asReadable } from './readable.ts';
import { workspaceOfLabels } from './workspace-labels.ts';

export interface DockerEventsOptions {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  readonly logger: Logger;
  /** A container of this workspace (the lab's, or a node of its cluster) came, went or changed its state. */
  readonly onChange: (key: WorkspaceKey) => void;
  /** So did one that is no workspace's: Traefik. */
  readonly onOtherChange: () => void;
  /** The stream is there (again): what happened before was not seen, so look at everything. */
  readonly onConnected: () => void;
  readonly signal: AbortSignal;
}

const FIRST_WAIT = 250;
const LONGEST_WAIT = 10_000;
/** Docker's reference, "Monitor events": a container's attributes hold its labels. */
const EVENT = z.object({ Actor: z.object({ Attributes: z.record(z.string(), z.string()) }) });
const EVENTS = ['start', 'die', 'pause', 'unpause', 'destroy'];

/** Follows the engine's events and reconnects for as long as it takes; resolves when `signal` aborts, and never rejects. */
export async function watchDockerEvents(options: DockerEventsOptions): Promise<void> {
  let wait = FIRST_WAIT;
  while (!options.signal.aborted) {
    try {
      await follow(options, () => {
        wait = FIRST_WAIT;
      });
    } catch (thrown) {
      if (options.signal.aborted) return;
      options.logger.warn({ err: asFactoryError(thrown), wait }, 'lost the stream of Docker events');
    }
    await delay(wait, undefined, { signal: options.signal }).catch(() => undefined);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

async function follow(options: DockerEventsOptions, onConnected: () => void): Promise<void> {
  const { engine, instance, signal } = options;
  const opened = await engine.call({
    what: 'tell what happens',
    signal,
    request: (docker, abortSignal) =>
      docker.getEvents({
        filters: { type: ['container'], event: EVENTS, label: [`${LABEL.instance}=${instance}`] },
        abortSignal,
      }),
  });
  const stream = addAbortSignal(signal, asReadable(opened));
  onConnected();
  options.onConnected();
  for await (const line of jsonLines(stream)) {
    const event = EVENT.safeParse(line);
    if (!event.success) continue;
    const key = workspaceOfLabels(event.data.Actor.Attributes);
    if (key === undefined) options.onOtherChange();
    else options.onChange(key);
  }
}
