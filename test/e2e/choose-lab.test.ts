import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { factoryStatusSchema } from '../../src/control/status-schema.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { PLAIN_LAB } from './harness/factory-files.ts';
import type { Student } from './harness/student.ts';
import { Workspace } from './harness/workspace.ts';

const CHOICES = /You have several labs:\r?\n +first +no cluster\r?\n +second .*\r?\n.* -p \d+ carol\/first@/;

let factory: Factory;
let carol: Student;

beforeAll(async () => {
  factory = await Factory.start({
    labs: { first: PLAIN_LAB, second: { ...PLAIN_LAB, description: 'a plain lab, 二' } },
    groups: [
      { name: 'by-default', members: ['alice'], labs: ['first', 'second'], default_lab: 'second' },
      { name: 'no-default', members: ['carol'], labs: ['first', 'second'] },
    ],
  });
  carol = await factory.student('carol');
});
afterAll(() => factory[Symbol.asyncDispose]());
beforeEach((context) => factory.showLogOnFailure(context));

async function openSessions(): Promise<readonly unknown[]> {
  const { stdout } = await runFactory(factory.folder, ['status', '--json']);
  const { workspaces } = factoryStatusSchema.parse(JSON.parse(stdout));
  return workspaces.flatMap(({ sessions }) => sessions);
}

async function containers(user: string): Promise<readonly string[]> {
  const labs = ['first', 'second'];
  const each = await Promise.all(labs.map((lab) => new Workspace(factory, user, lab).containers()));
  return labs.filter((_, place) => (each[place] ?? []).length > 0);
}

test('nothing begins before the choice: not by a command, by sftp, by leaving, nor by a client that is killed', async () => {
  const command = await carol.exec('true');
  expect(command).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(CHOICES) });
  const files = await carol.sftp('ls\n');
  expect(files.exitCode).not.toBe(0);
  expect(files.stderr).toMatch(CHOICES);

  await using left = carol.terminal();
  await left.shows(/> 1 {2}first {3}new {2}no cluster\s+2 {2}second {2}new {2}a plain lab, 二/);
  left.type('\x03');
  expect(await left.ended()).toBe(130);
  expect(left.text).toContain('No lab was chosen, and none was started.');

  const killed = carol.terminal();
  await killed.shows('Which lab?');
  await killed[Symbol.asyncDispose]();
  expect(await carol.run('@labs')).toBe('first new no cluster\nsecond new a plain lab, 二');
  expect(await openSessions()).toEqual([]);
  expect(await containers('carol')).toEqual([]);
});

test('an arrow and Enter lead to the second lab, and to it alone', async () => {
  await using terminal = carol.terminal();
  await terminal.shows(/> 1 {2}first/);
  terminal.type('\x1b[B\r');
  terminal.type('echo "$(whoami) of $SSH_TTY"; echo mine >~/chosen\r');
  await terminal.shows(/lab of \/dev\/pts\/\d+/);
  expect(await openSessions()).toHaveLength(1);
  expect(await carol.run('@labs')).toBe('first new no cluster\nsecond running a plain lab, 二');
  expect(await carol.run('cat ~/chosen', { login: 'carol/second' })).toBe('mine');
  expect(await containers('carol')).toEqual(['second']);
  terminal.type('exit 4\r');
  expect(await terminal.ended()).toBe(4);
  await eventually(async () => (await openSessions()).length === 0, { what: 'no session' });
});

test('a choice is for all of a connection: files go where the shell is', async () => {
  const shared = ['-o', 'ControlMaster=auto', '-S', join(carol.home, 'control')];
  await using terminal = carol.terminal({ args: shared });
  await terminal.shows(/second/);
  terminal.type('sec\r');
  terminal.type('echo in the $((1 + 1))nd\r');
  await terminal.shows('in the 2nd');
  expect(await carol.run('cat ~/chosen', { args: shared })).toBe('mine');
});

test('who has a default is in it at once', async () => {
  const alice = await factory.student('alice');
  expect(await alice.run('whoami')).toBe('lab');
  expect(await containers('alice')).toEqual(['second']);
});
