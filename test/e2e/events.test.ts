import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RecordedEvent, recordedEventSchema } from '../../src/history/event-schema.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { PLAIN_LAB } from './harness/factory-files.ts';
import { LiveProgram } from './harness/live-program.ts';
import { PROGRAM } from './harness/set-up.ts';
import type { Student } from './harness/student.ts';
import { Workspace } from './harness/workspace.ts';

const GRACE = 2_000;

describe('what happens to workspaces', () => {
  const stack = new AsyncDisposableStack();
  let factory: Factory;

  beforeAll(async () => {
    factory = stack.use(await Factory.start({ grace: `${GRACE}ms`, labs: { plain: PLAIN_LAB } }));
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  /** What `factory events` tells now. */
  async function eventsOf(workspace: string): Promise<readonly RecordedEvent[]> {
    const { code, stdout } = await runFactory(factory.folder, ['events', workspace, '--json']);
    expect(code).toBe(0);
    return parsed(stdout);
  }

  /** When the suspend is in the history as well, which it is a moment after Docker knows of it. */
  function suspended(user: string): Promise<readonly RecordedEvent[]> {
    return eventually(
      async () => {
        const events = await eventsOf(`${user}/plain`);
        const last = events.at(-1);
        return last?.kind === 'step_done' && last.action === 'suspend' && events;
      },
      { what: `the suspend of ${user}'s workspace is in the history` },
    );
  }

  async function comeAndGo(student: Student): Promise<void> {
    await using session = await student.hold();
    await session.logOut();
  }

  test('is told: who came, what was made for them, that they went, and what was suspended for it', async () => {
    await comeAndGo(await factory.student('alice'));
    const events = await suspended('alice');
    const about = { user: 'alice', lab: 'plain' };
    const client = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
    const program = expect.stringContaining('OpenSSH');
    const session = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(events).toEqual([
      { ...place(events[0]), ...about, kind: 'session_began', session, client, program },
      {
        ...place(events[1]),
        ...about,
        kind: 'step_done',
        part: 'container',
        action: 'create',
        from: 'absent',
        to: 'running',
        ms: expect.any(Number),
        cause: { kind: 'session', client },
      },
      {
        ...place(events[2]),
        ...about,
        kind: 'session_ended',
        session,
        client,
        program,
        ms: expect.any(Number),
        reason: 'closed',
        last: true,
      },
      {
        ...place(events[3]),
        ...about,
        kind: 'step_done',
        part: 'container',
        action: 'suspend',
        from: 'running',
        to: 'suspended',
        ms: expect.any(Number),
        cause: { kind: 'time', after: 'grace' },
      },
    ]);
    const times = events.map(({ at }) => Date.parse(at));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const [, created, ended, suspend] = events;
    const between = (times[3] ?? 0) - (times[2] ?? 0);
    expect(between).toBeGreaterThanOrEqual(GRACE);
    // A container takes its time, a session has one, and the grace time is none of a pause's.
    if (created?.kind === 'step_done') expect(created.ms).toBeGreaterThan(50);
    if (ended?.kind === 'session_ended') expect(ended.ms).toBeGreaterThan(50);
    if (suspend?.kind === 'step_done') expect(suspend.ms).toBeLessThan(between - GRACE / 2);

    const { stdout } = await runFactory(factory.folder, ['events', 'alice/plain']);
    expect(stdout).toMatch(
      /^[\d:]{8} {2}alice\/plain +container +running → suspended +[\d.]+ s +nobody there for the grace time$/m,
    );
    expect(stdout).not.toContain('\u001b');
  });

  test('is followed as it happens, and a factory that is killed loses nothing that was told', async () => {
    const bob = await factory.student('bob');
    await using following = new LiveProgram(
      process.execPath,
      [PROGRAM, 'events', '--follow', '--json', '--limit', '1', '--config', 'factory.yaml'],
      { cwd: factory.folder, env: { FACTORY_SETUP: join(factory.folder, 'setup.json') } },
    );
    const told = (what: string) => following.shows(new RegExp(`"user":"bob".*${what}`));
    // It listens when it tells of what was before.
    await comeAndGo(await factory.student('carol'));
    await following.shows(/"user":"carol"/);
    await using session = await bob.hold();
    await told('"kind":"session_began"');
    await told('"action":"create"');
    expect(following.output).not.toMatch(/"user":"bob".*session_ended/);

    await factory.kill();
    await session.ended();
    const seen = parsed(following.output);
    const kept = await eventsOf('bob/plain');
    expect(kept.slice(0, 2)).toEqual(seen.filter(({ user }) => user === 'bob'));

    await factory.startAgain();
    // Nobody is there any more, so the new factory suspends it, and the same follower hears of that.
    await new Workspace(factory, 'bob', 'plain').becomes('paused');
    await told('"action":"suspend"');
    following.signal('SIGINT');
    expect((await following.ended()).code).toBe(0);
    const ids = parsed(following.output).map(({ id }) => id ?? 0);
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
    expect(await suspended('bob')).toEqual(parsed(following.output).filter(({ user }) => user === 'bob'));
  });
});

function parsed(output: string): readonly RecordedEvent[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => recordedEventSchema.parse(JSON.parse(line)));
}

/** What is another in each event. */
function place(event: RecordedEvent | undefined) {
  return { id: event?.id, at: event?.at };
}
