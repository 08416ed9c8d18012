import type { BehaviourTable } from './behaviour.ts';
import { COMMANDS } from './commands.ts';
import { CONNECTIONS } from './connections.ts';
import { FILES } from './files.ts';
import { FORWARDS } from './forwards.ts';
import { TERMINALS } from './terminals.ts';

/** All that is tried, in the order of docs/ssh.md. */
export const BEHAVIOURS: readonly BehaviourTable[] = [COMMANDS, TERMINALS, FORWARDS, FILES, CONNECTIONS];
