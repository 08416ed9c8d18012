import { setTimeout as delay } from 'node:timers/promises';
import { Factory } from '../../test/e2e/harness/factory.ts';
import { PLAIN_LAB } from '../../test/e2e/harness/factory-files.ts';
import type { Student } from '../../test/e2e/harness/student.ts';
import { loadOf } from '../parts/factory-load.ts';
import type { Bench, Scenario } from './bench.ts';

/** A user may have 64 connections. */
const SESSIONS_PER_USER = 50;
/** Logins under way at a time: the rest is for the machine to breathe. */
const BATCH = 10;
/** What logins leave behind has been tidied up after this long; ms. */
const SETTLE = 5_000;

/** What the factory's own process takes while its sessions do nothing. */
export const atRest: Scenario = { name: 'at rest', table: 'measured', run: measure };

async function measure({ options, loads }: Bench): Promise<void> {
  await using held = new AsyncDisposableStack();
  const factory = held.use(await Factory.start({ labs: { plain: PLAIN_LAB } }));
  const students = await studentsFor(Math.max(...options.sessions), factory);
  let open = 0;
  for (const sessions of options.sessions) {
    options.say(`at rest: ${sessions} sessions`);
    while (open < sessions) {
      const batch = students.slice(open, Math.min(open + BATCH, sessions));
      const opened = await Promise.all(batch.map((student) => student.hold({ timeout: 120_000 })));
      for (const session of opened) held.use(session);
      open += batch.length;
    }
    await delay(SETTLE);
    loads.push({ sessions, ...(await loadOf(factory.pid, options.watch)) });
  }
}

/** Who opens session number 0, 1, 2 …: one after the other until they have as many as they may. */
async function studentsFor(sessions: number, factory: Factory): Promise<readonly Student[]> {
  const students: Student[] = [];
  while (students.length < sessions) {
    const student = await factory.student(`student${students.length / SESSIONS_PER_USER}`);
    students.push(...Array<Student>(SESSIONS_PER_USER).fill(student));
  }
  return students;
}
