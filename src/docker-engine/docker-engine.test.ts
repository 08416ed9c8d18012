import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { parseInstanceId } from '../names/instance-id.ts';
import { createDockerEngine } from './docker-engine.ts';
import { watchDockerEvents } from './docker-events.ts';
import { pretendEngine } from './testing/pretend-engine.ts';

const silent = pino({ enabled: false });

const pause = (signal: AbortSignal, timeout = 5_000) => ({
  what: 'pause the container',
  signal,
  timeout,
  request: (docker: import('dockerode'), abortSignal: AbortSignal) =>
    docker.getContainer('one').pause({ abortSignal }),
});

test('an engine that says nothing is given up after the time-out, and at once when the caller aborts', async () => {
  await using pretend = await pretendEngine(() => undefined);
  const caller = new AbortController();
  await expect(pretend.engine.call(pause(caller.signal, 20))).rejects.toMatchObject({ code: 'TIMED_OUT' });
  const waiting = pretend.engine.call(pause(caller.signal));
  caller.abort(new Error('the caller left'));
  await expect(waiting).rejects.toThrow('the caller left');
});

test('a refusal has the engine’s words as detail, and expected ones are no failure', async () => {
  await using pretend = await pretendEngine((_, response) => {
    response.writeHead(409, { 'content-type': 'application/json' });
    response.end('{"message":"Container one is already paused"}');
  });
  const { signal } = new AbortController();
  await expect(pretend.engine.call(pause(signal))).rejects.toMatchObject({
    code: 'DOCKER_FAILED',
    detail: expect.stringContaining('already paused'),
  });
  expect(await pretend.engine.callUnless([409], pause(signal))).toBeUndefined();
});

test('an engine that is gone is DOCKER_UNAVAILABLE', async () => {
  const engine = createDockerEngine({ socketPath: '/nowhere/docker.sock' });
  const { signal } = new AbortController();
  await expect(engine.callUnless([404], pause(signal))).rejects.toMatchObject({ code: 'DOCKER_UNAVAILABLE' });
});

test('events are followed again after the engine hung up, and one cut in two is one event', async () => {
  let requests = 0;
  const labels = { 'ssh-lab-factory.user': 'alice', 'ssh-lab-factory.lab': 'k3s' };
  const event = JSON.stringify({ Type: 'container', Action: 'die', Actor: { Attributes: labels } });
  await using pretend = await pretendEngine((_, response) => {
    requests += 1;
    response.writeHead(200).flushHeaders();
    if (requests === 1) return response.destroy();
    response.write(`{"Type":"container","Actor":{"Attributes":{}}}\n${event.slice(0, 40)}`);
    setImmediate(() => response.write(`${event.slice(40)}\n`));
  });
  const instance = parseInstanceId('test0000');
  if (instance === undefined) throw new Error('no instance id');
  const end = new AbortController();
  const { promise: changed, resolve } = Promise.withResolvers<unknown>();
  const onOtherChange = vi.fn();
  const watching = watchDockerEvents({
    engine: pretend.engine,
    instance,
    logger: silent,
    onChange: resolve,
    onOtherChange,
    onConnected: () => undefined,
    signal: end.signal,
  });
  expect(await changed).toEqual({ user: 'alice', lab: 'k3s' });
  // The one before it is no workspace's.
  expect(onOtherChange).toHaveBeenCalledTimes(1);
  expect(requests).toBe(2);
  end.abort();
  await watching;
});
