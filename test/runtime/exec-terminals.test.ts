import { finished } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dockerNames } from '../../src/names/docker-names.ts';
import { hangUp } from '../../src/runtime/docker/sessions/exec-terminal.ts';
import { leftTerminals } from '../../src/runtime/docker/sessions/left-terminals.ts';
import {
  anyProgress,
  createFixture,
  labDefinition,
  type RuntimeFixture,
  workspaceKey,
} from './lab-fixture.ts';

const MINUTE = 60_000;
const PTY = { columns: 80, rows: 24, term: 'xterm' };
const key = workspaceKey('alice');
const signal = () => AbortSignal.timeout(2 * MINUTE);
let fixture: RuntimeFixture;

beforeAll(async () => {
  fixture = createFixture();
  await fixture.runtime.create(key, labDefinition(), anyProgress, signal());
}, 3 * MINUTE);
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
}, 3 * MINUTE);

async function processes(): Promise<string> {
  const { container } = dockerNames(fixture.instance, key);
  const { Processes } = await fixture.engine.call({
    what: 'look',
    signal: signal(),
    request: (docker) => docker.getContainer(container).top({ ps_args: '-eo pid,args' }),
  });
  return Processes.map((fields: string[]) => fields.at(-1)).join('\n');
}

/** A shell on a terminal, with a child on it and one that left it. */
async function openShell(child: string, daemon: string) {
  const stream = await fixture.runtime.exec(key, ['/bin/sh'], PTY, signal());
  stream.stdout.resume();
  stream.stdin.write(`setsid sleep ${daemon} </dev/null >/dev/null 2>&1 & sleep ${child}\r`);
  await expect.poll(processes).toMatch(new RegExp(`sleep ${child}`));
  await expect.poll(processes).toMatch(new RegExp(`sleep ${daemon}`));
  return stream;
}

const left = (isOpen: (mark: string) => boolean) =>
  leftTerminals(fixture.engine, fixture.instance, isOpen, signal());

test('a terminal whose reader goes is hung up; what left it stays', { timeout: 5 * MINUTE }, async () => {
  const stream = await openShell('4711', '4712');
  const { openTerminals } = fixture;
  expect(openTerminals.size).toBe(1);
  expect(await left((mark) => openTerminals.has(mark))).toEqual([]);
  const exit = stream.exit().catch(() => undefined);
  stream.close();
  stream.close();
  await expect.poll(processes).not.toMatch(/sleep 4711|^\/bin\/sh$/m);
  expect(await processes()).toContain('sleep 4712');
  expect(openTerminals.size).toBe(0);
  await exit;
});

test('one of a factory that was killed is found by whoever does not hold it, and ended', {
  timeout: 5 * MINUTE,
}, async () => {
  const stream = await openShell('4721', '4722');
  const [found, ...others] = await left(() => false);
  expect(found).toMatchObject({ key, container: dockerNames(fixture.instance, key).container });
  expect(others).toEqual([]);
  expect([...fixture.openTerminals]).toEqual([found?.mark]);
  await hangUp(fixture.engine, found?.container ?? '', 'another-mark', signal());
  expect(await processes()).toContain('sleep 4721');
  await hangUp(fixture.engine, found?.container ?? '', found?.mark ?? '', signal());
  await expect.poll(processes).not.toContain('sleep 4721');
  expect(await processes()).toContain('sleep 4722');
  await finished(stream.stdout, { writable: false }).catch(() => undefined);
  await expect.poll(() => left(() => false)).toEqual([]);
  stream.close();
});

test('one whose command ends by itself is not hung up, and not held any more', {
  timeout: 5 * MINUTE,
}, async () => {
  const stream = await fixture.runtime.exec(key, ['/bin/sh', '-c', 'exit 3'], PTY, signal());
  stream.stdout.resume();
  expect(await stream.exit()).toBe(3);
  expect(fixture.openTerminals.size).toBe(0);
  stream.close();
});
