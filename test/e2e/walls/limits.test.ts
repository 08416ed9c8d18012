import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { Factory } from '../harness/factory.ts';
import { PLAIN_LAB } from '../harness/factory-files.ts';
import type { Student } from '../harness/student.ts';

/** Above the 300 processes and the 512 MiB of a lab of the tests. */
const TOO_MANY = 1_000;
const TOO_MUCH = 700;

/** Makes processes until that is refused, says so, and keeps them until its input ends. */
const FILL_PROCESSES = `perl -e '
  my @children;
  for (1 .. ${TOO_MANY}) {
    my $child = fork;
    unless (defined $child) { $| = 1; print "refused after ", scalar @children, "\\n"; <STDIN>; last }
    if ($child == 0) { sleep 60; exit }
    push @children, $child;
  }
  kill "KILL", @children'`;
const FILL_MEMORY = `perl -e 'my $all = "x" x (${TOO_MUCH} << 20); print length $all'`;

const stack = new AsyncDisposableStack();
let alice: Student;
let bob: Student;
beforeAll(async () => {
  const factory = stack.use(await Factory.start({ labs: { plain: PLAIN_LAB } }));
  [alice, bob] = [await factory.student('alice'), await factory.student('bob')];
  for (const session of await Promise.all([alice.hold(), bob.hold()])) stack.use(session);
});
afterAll(() => stack.disposeAsync());

test("processes: alice fills her container, and bob's has as many as before", async () => {
  await using fills = alice.connect(FILL_PROCESSES);
  await fills.shows(/refused after \d+/);
  expect(await bob.run('for each in $(seq 50); do sleep 1 & done; wait; echo all of them')).toBe(
    'all of them',
  );
  await fills.logOut();
  // The kernel takes the processes away one after the other.
  const room = await eventually(() => alice.run('echo she has room again'), { what: 'she has room again' });
  expect(room).toBe('she has room again');
});

test("memory: alice's program is ended where it takes too much; bob's container has all of its own", async () => {
  const { exitCode, stdout } = await alice.exec(FILL_MEMORY);
  expect([exitCode, stdout]).not.toEqual([0, String(TOO_MUCH << 20)]);
  expect(await bob.run(`perl -e 'my $some = "x" x (200 << 20); print length $some'`)).toBe(String(200 << 20));
  expect(await alice.run('echo she is still there')).toBe('she is still there');
});
