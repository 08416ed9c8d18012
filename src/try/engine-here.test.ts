import Docker from 'dockerode';
import { expect, test } from 'vitest';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { assertEngineHere, assertLinux } from './engine-here.ts';

const signal = new AbortController().signal;

/** One that says this of itself, whatever it is asked. */
function engineThat(info: object): DockerEngine {
  const docker = new Docker({ socketPath: '/dev/null' });
  docker.info = () => Promise.resolve(info);
  return {
    call: ({ request }) => request(docker, signal),
    callUnless: (_, { request }) => request(docker, signal),
  };
}

test('an engine of this machine will do', async () => {
  expect(() => assertLinux('linux')).not.toThrow();
  const info = { OperatingSystem: 'Debian GNU/Linux 12', SecurityOptions: ['name=seccomp'] };
  await expect(assertEngineHere(engineThat(info), signal)).resolves.toBeUndefined();
});

test.each([
  ['Docker Desktop', { OperatingSystem: 'Docker Desktop' }],
  ['rootless', { OperatingSystem: 'Fedora', SecurityOptions: ['name=seccomp', 'name=rootless'] }],
])('one whose containers are elsewhere is told what to use: %s', async (name, info) => {
  await expect(assertEngineHere(engineThat(info), signal)).rejects.toMatchObject({
    code: 'DOCKER_UNAVAILABLE',
    message: expect.stringContaining(name),
  });
});

test.each(['darwin', 'win32'] as const)('%s is refused before anything is fetched', (platform) => {
  expect(() => assertLinux(platform)).toThrow(/virtual machine/);
});
