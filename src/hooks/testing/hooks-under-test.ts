import { keyOf } from '../../history/testing/some-event.ts';
import {
  HOOK_NAMES,
  type HookDefinition,
  type HookName,
  type LabDefinition,
} from '../../labs/lab-definition.ts';
import { labNamed } from '../../labs/testing/lab-named.ts';
import { createLogger } from '../../logging/logger.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import { systemClock } from '../../time/clock.ts';
import type { WorkspaceEvent } from '../../workspaces/ports/events.ts';
import type { HookSession } from '../../workspaces/ports/hooks.ts';
import { type OpenHooks, type OpenHooksOptions, openHooks } from '../open-hooks.ts';

export const ALICE = keyOf('alice', 'k3s');
export const BOB = keyOf('bob', 'k3s');

export const SECRET = `whsec_${Buffer.from('a secret of the receiver').toString('base64')}`;

/** A lab that asks for these hooks, at `<url>/<hook>`. */
export function labWith(
  url: string,
  hooks: readonly HookName[] = HOOK_NAMES,
  rest: Partial<HookDefinition> = {},
): LabDefinition {
  const definition = { secret: SECRET, headers: {}, timeout: 2_000, required: true, ...rest };
  return {
    ...labNamed('k3s'),
    hooks: Object.fromEntries(hooks.map((hook) => [hook, { ...definition, url: `${url}/${hook}` }])),
  };
}

export function sessionOf(id: string): HookSession {
  return {
    id,
    clientAddress: '192.0.2.7:50122',
    clientProgram: 'SSH-2.0-OpenSSH_9.9',
    since: 1_700_000_000_000,
  };
}

export interface UnderTest extends AsyncDisposable {
  readonly hooks: OpenHooks;
  readonly events: WorkspaceEvent[];
  /** Lines of the log. */
  readonly logged: string[];
}

/** Hooks of a factory whose receivers are on this machine. */
export function hooksIn(
  data: string,
  lab: (key: WorkspaceKey) => LabDefinition | undefined,
  rest: Partial<OpenHooksOptions> = {},
): UnderTest {
  const events: WorkspaceEvent[] = [];
  const logged: string[] = [];
  const hooks = openHooks({
    data,
    config: { privateAddresses: ['127.0.0.0/8'], giveUpAfter: 3 * 86_400_000, ca: undefined },
    resolve: lab,
    standingOf: () => ({ groups: ['class-a'], role: 'student' }),
    hostOf: ({ user }) => `${user}.lab.example.org`,
    events: { emit: (event) => void events.push(event) },
    version: '1.2.3',
    clock: systemClock,
    random: () => 0,
    logger: createLogger('info', [{ write: (line) => void logged.push(line) }]),
    ...rest,
  });
  return { hooks, events, logged, [Symbol.asyncDispose]: () => hooks[Symbol.asyncDispose]() };
}
