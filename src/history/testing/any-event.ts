import fc from 'fast-check';
import { ERROR_CODES, type ErrorCode } from '../../errors/error-codes.ts';
import { HOOK_NAMES } from '../../labs/lab-definition.ts';
import { parseNodeName } from '../../names/node-name.ts';
import type { Cause, WorkspaceEvent } from '../../workspaces/ports/events.ts';
import type { WorkspaceCommand } from '../../workspaces/workspace-command.ts';
import { ACTIONS } from '../event-schema.ts';
import { keyOf } from './some-event.ts';

/** From 2001 to 2286. */
export const anyTime = fc.integer({ min: 1e12, max: 1e13 });

export const anyKey = fc
  .tuple(fc.constantFrom('alice', 'bob', 'a-b'), fc.constantFrom('k3s', 'plain'))
  .map(([user, lab]) => keyOf(user, lab));

const ms = fc.integer({ min: -5_000, max: 1e9 });
const text = fc.string({ unit: 'binary' });
const part = fc.constantFrom('container' as const, 'cluster' as const);
const state = fc.constantFrom(
  'absent' as const,
  'incomplete' as const,
  'unconnected' as const,
  'stopped' as const,
  'suspended' as const,
  'running' as const,
);
const action = fc.constantFrom(...ACTIONS);
const code = fc.constantFrom(...(Object.keys(ERROR_CODES) as [ErrorCode]));

const anyNode = fc.integer({ min: 0, max: 99 }).map((number) => {
  const node = parseNodeName(`agent-${number}`);
  if (node === undefined) throw new Error('agents have such names');
  return node;
});

export const anyCommand: fc.Arbitrary<WorkspaceCommand> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('suspend' as const, 'stop' as const),
    endSessions: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom('start' as const, 'unpin' as const) }),
  fc.record({ kind: fc.constant('reset' as const), part }),
  fc.record({ kind: fc.constant('delete' as const), home: fc.boolean(), endSessions: fc.boolean() }),
  fc.record({ kind: fc.constant('pin' as const), until: anyTime }),
  fc.record({
    kind: fc.constantFrom(
      'cluster_start' as const,
      'cluster_suspend' as const,
      'cluster_stop' as const,
      'cluster_delete' as const,
    ),
  }),
  fc.record({ kind: fc.constantFrom('node_stop' as const, 'node_start' as const), node: anyNode }),
);

const anyCause: fc.Arbitrary<Cause> = fc.oneof(
  fc.record({ kind: fc.constant('session' as const), client: text }),
  fc.record({
    kind: fc.constant('time' as const),
    after: fc.constantFrom('grace' as const, 'stop_after' as const, 'delete_after' as const),
  }),
  fc.record({ kind: fc.constant('memory_pressure' as const) }),
  fc.record({ kind: fc.constant('command' as const), command: anyCommand.map(({ kind }) => kind), by: text }),
  fc.record({ kind: fc.constant('pin' as const), by: text }),
);

const about = { at: anyTime, key: anyKey };

/** Every kind of event, with every shape that it can have. */
export const anyEvent: fc.Arbitrary<WorkspaceEvent> = fc.oneof(
  fc.record({
    ...about,
    kind: fc.constant('session_began' as const),
    session: text,
    client: text,
    program: text,
  }),
  fc.record({
    ...about,
    kind: fc.constant('session_ended' as const),
    client: text,
    program: text,
    session: text,
    ms,
    reason: fc.constantFrom(
      'closed' as const,
      'lost' as const,
      'idle' as const,
      'max_session' as const,
      'operator' as const,
      'restart' as const,
      'refused' as const,
      'protocol_error' as const,
    ),
    last: fc.boolean(),
  }),
  fc.record({
    ...about,
    kind: fc.constant('step_done' as const),
    part,
    action,
    from: state,
    to: state,
    ms,
    cause: anyCause,
  }),
  fc.record({
    ...about,
    kind: fc.constant('step_failed' as const),
    part,
    action,
    from: state,
    ms,
    cause: anyCause,
    error: fc.record({ id: text, code, message: text }),
    retryAt: anyTime,
  }),
  fc.record({
    ...about,
    kind: fc.constant('found' as const),
    part,
    from: fc.oneof(state, fc.constant(undefined)),
    to: state,
  }),
  fc.record({ ...about, kind: fc.constant('commanded' as const), command: anyCommand, by: text }),
  fc.record({ ...about, kind: fc.constant('memory_pressure' as const), availableBytes: fc.nat() }),
  fc.record({
    ...about,
    kind: fc.constant('hook' as const),
    hook: fc.constantFrom(...HOOK_NAMES),
    outcome: fc.constantFrom(
      'delivered' as const,
      'failed' as const,
      'given_up' as const,
      'refused' as const,
    ),
    attempt: fc.nat(),
    ms,
    delivery: text,
  }),
  fc.record({ ...about, kind: fc.constant('deletion_ahead' as const), deleteAt: anyTime }),
);
