import { writeSync } from 'node:fs';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { keyOf } from '../../history/testing/some-event.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { Cause } from '../../workspaces/ports/events.ts';
import { FAULT_POINTS } from '../ledger/fault-points.ts';
import type { HookStatus } from '../office/hook-status.ts';
import { ODD_USERS, PLAIN_USERS } from './doomed-users.ts';
import { hooksIn, labWith, sessionOf } from './hooks-under-test.ts';

/*
 * A factory that is killed at a fault point: `node doomed-factory.ts <data> <receiver> <run> <point> <count>`. It dies when that point is
 * passed for the count-th time; with no such point it ends when all is delivered. Before, it tells on standard output what calls of
 * the port have returned. An operator is there as well, who has tried again what was given up, and drops what nobody takes.
 */

const [data = '', receiver = '', run = '', point = '', count = ''] = process.argv.slice(2);
const doom = FAULT_POINTS.find((one) => one === point);
const USERS = [...PLAIN_USERS, ...Object.values(ODD_USERS)];
const GRACE: Cause = { kind: 'time', after: 'grace' };

let passed = 0;
const faults = {
  at(one: string): void {
    if (one !== doom) return;
    passed += 1;
    if (passed === Number(count)) process.kill(process.pid, 'SIGKILL');
  },
};

const lab = labWith(receiver);
const { hooks } = hooksIn(data, () => lab, { faults });

function listed(): readonly HookStatus[] {
  return hooks.office.list(1_000).hooks;
}

function tell(what: string): void {
  writeSync(1, `${what}\n`);
}

/** One session, from its first hook on. The caller goes on while hooks are under way. */
async function come(key: WorkspaceKey): Promise<string> {
  const session = sessionOf(`${run}-${key.user}`);
  hooks.configure(key, lab, session, new AbortController().signal).catch(() => {});
  hooks.sessionBegan(key, lab, session, true);
  tell(`began ${session.id}`);
  await turn();
  return session.id;
}

async function go(key: WorkspaceKey, id: string): Promise<void> {
  hooks.sessionEnded(key, lab, sessionOf(id), 'closed', true);
  tell(`ended ${id}`);
  await turn();
  if (key.user === ODD_USERS.deleted) {
    hooks.deleted(key, lab);
    tell(`deleted ${id}`);
  } else {
    hooks.graceOver(key, lab, GRACE);
    tell(`grace ${key.user}`);
  }
}

/** What an operator does about what the list shows. */
function operate({ id, user, hook, state, attempts }: HookStatus): void {
  const isStuck = user === ODD_USERS.stuck && hook === 'session_start' && attempts > 0;
  if (isStuck || (state === 'given_up' && hook === 'initialization')) hooks.office.drop(id);
  // What only waits for another try as well: the test need not wait for it.
  else if (state === 'given_up' || attempts > 0) hooks.office.retry(id);
}

hooks.recover();
// Nobody came back to what the one before had left.
for (const key of hooks.openConfigurations()) hooks.graceOver(key, lab, GRACE);
if (doom !== undefined) {
  const there: (readonly [WorkspaceKey, string])[] = [];
  for (const user of USERS) {
    const key = keyOf(user, 'k3s');
    there.push([key, await come(key)]);
  }
  for (const [key, id] of there) await go(key, id);
}
for (let list = listed(); list.length > 0; list = listed()) {
  for (const one of list) operate(one);
  await delay(20);
}
await hooks[Symbol.asyncDispose]();
