import { expect, test } from 'vitest';
import { pretendEngine } from '../docker-engine/testing/pretend-engine.ts';
import { createImageStore } from '../images/image-store.ts';
import { createLogger } from '../logging/logger.ts';
import { parseInstanceId } from '../names/instance-id.ts';
import { createTraefikContainer } from './traefik-container.ts';
import { TRAEFIK_LABEL } from './traefik-options.ts';

const PORTS = { http: 8000, https: 8443, kube: 6443, api: 9000 };

/** As Docker tells of a container; `Running` is true of one that is paused, and of one that it will start again in a moment. */
const STATES = {
  running: { Running: true, Restarting: false, Paused: false },
  paused: { Running: true, Restarting: false, Paused: true },
  restarting: { Running: true, Restarting: true, Paused: false },
  exited: { Running: false, Restarting: false, Paused: false },
} as const;

async function heldPorts(state: keyof typeof STATES): Promise<readonly number[]> {
  const labels = { [TRAEFIK_LABEL.ports]: JSON.stringify(PORTS) };
  await using docker = await pretendEngine((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ Config: { Labels: labels }, State: STATES[state] }));
  });
  const instance = parseInstanceId('abcd1234');
  if (instance === undefined) throw new Error('it is an instance id');
  const listen = { host: '127.0.0.1', port: 0 };
  const traefik = createTraefikContainer({
    engine: docker.engine,
    images: createImageStore({ engine: docker.engine, setupFile: undefined }),
    instance,
    image: 'traefik',
    folder: '/nowhere',
    listens: { http: listen, https: listen, kube: listen },
    logger: createLogger('silent', []),
  });
  return await traefik.heldPorts(new AbortController().signal);
}

test.each([
  ['running', true],
  ['paused', true],
  ['restarting', true],
  ['exited', false],
] as const)('a Traefik that is %s holds its ports: %s', async (state, isHeld) => {
  expect(await heldPorts(state)).toEqual(isHeld ? [PORTS.http, PORTS.https, PORTS.kube] : []);
});
