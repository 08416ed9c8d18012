import { expect, test } from 'vitest';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { pretendEngine } from '../docker-engine/testing/pretend-engine.ts';
import { createImageStore } from '../images/image-store.ts';
import { createLogger } from '../logging/logger.ts';
import { parseInstanceId } from '../names/instance-id.ts';
import { createTraefikContainer, type TraefikContainer } from './traefik-container.ts';
import { setupDigest, TRAEFIK_LABEL, type TraefikSetup } from './traefik-options.ts';

const PORTS = { http: 8000, https: 8443, kube: 6443, api: 9000 };

/** As Docker tells of a container; `Running` is true of one that is paused, and of one that it will start again in a moment. */
const STATES = {
  running: { Running: true, Restarting: false, Paused: false },
  paused: { Running: true, Restarting: false, Paused: true },
  restarting: { Running: true, Restarting: true, Paused: false },
  exited: { Running: false, Restarting: false, Paused: false },
} as const;

const instance = parseInstanceId('abcd1234') ?? expect.fail('it is an instance id');
const listen = { host: '127.0.0.1', port: 0 };
const setup: TraefikSetup = {
  instance,
  image: 'traefik',
  folder: '/nowhere',
  listens: { http: listen, https: listen, kube: listen },
};

function traefikOn(engine: DockerEngine): TraefikContainer {
  const images = createImageStore({ engine, setupFile: undefined });
  return createTraefikContainer({ ...setup, engine, images, logger: createLogger('silent', []) });
}

/** What Docker says of one that was made from `setup`. */
function described(state: keyof typeof STATES): string {
  const labels = { [TRAEFIK_LABEL.ports]: JSON.stringify(PORTS), [TRAEFIK_LABEL.setup]: setupDigest(setup) };
  return JSON.stringify({ Config: { Labels: labels }, State: STATES[state] });
}

async function heldPorts(state: keyof typeof STATES): Promise<readonly number[]> {
  await using docker = await pretendEngine((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(described(state));
  });
  return await traefikOn(docker.engine).heldPorts(new AbortController().signal);
}

test.each([
  ['running', true],
  ['paused', true],
  ['restarting', true],
  ['exited', false],
] as const)('a Traefik that is %s holds its ports: %s', async (state, isHeld) => {
  expect(await heldPorts(state)).toEqual(isHeld ? [PORTS.http, PORTS.https, PORTS.kube] : []);
});

test('an engine that goes while Traefik is taken over says nothing of it, so it is not made anew', async () => {
  const asked: string[] = [];
  await using docker = await pretendEngine((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(described('exited'));
    } else response.destroy();
  });
  await expect(traefikOn(docker.engine).ensure(new AbortController().signal)).rejects.toMatchObject({
    code: 'DOCKER_UNAVAILABLE',
  });
  expect(asked.map((request) => request.split(' ')[0])).toEqual(['GET', 'POST']);
});
