import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeFactoryFiles } from './harness/factory-files.ts';
import { clusterOfUse } from './harness/kubectl.ts';
import type { LiveProgram } from './harness/live-program.ts';
import { makeRunFolder } from './harness/run-folder.ts';
import { Student } from './harness/student.ts';
import { sweepFolder } from './harness/sweeper.ts';
import { printUnit, startService } from './harness/systemd-service.ts';

test("as a systemd service, with a service's rights: a login, a cluster, and an orderly end in time", async () => {
  await using folder = await makeFolder();
  await writeFactoryFiles(folder.path, { config: { shutdown: { timeout: '2s' } } });
  // As ReadWritePaths= wants it.
  await mkdir(join(folder.path, 'data'), { mode: 0o700 });
  const unit = await printUnit(join(folder.path, 'factory.yaml'), {
    FACTORY_SETUP: join(folder.path, 'setup.json'),
  });

  await using service = startService(unit);
  const alice = await studentOf(service, folder.path);
  expect(await alice.run('whoami')).toBe('lab');
  await clusterOfUse(alice);

  // Somebody who stays: they get shutdown.timeout, and systemd waits for that and more.
  await using _session = await alice.hold();
  const began = performance.now();
  service.signal('SIGTERM');
  const withinSeconds = Number.parseInt(unit.word('TimeoutStopSec'), 10);
  expect(await service.ended(withinSeconds * 1_000)).toEqual({ code: 0, signal: null });
  expect(performance.now() - began).toBeGreaterThan(1_900);
});

async function makeFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await makeRunFolder();
  return { path, [Symbol.asyncDispose]: () => sweepFolder(path) };
}

/** A user of the service, which tells where it listens as it tells the person who starts it. */
async function studentOf(service: LiveProgram, folder: string): Promise<Student> {
  const typed = /ssh -p (\d+) /;
  await service.shows(typed);
  const port = Number(typed.exec(service.output)?.[1]);
  const student = await Student.create('alice', join(folder, 'alice'), () => ({ host: '127.0.0.1', port }));
  await writeFile(join(folder, 'keys', 'alice.keys'), `${student.publicKey}\n`);
  return student;
}
