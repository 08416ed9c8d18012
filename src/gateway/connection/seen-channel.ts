import type { OpenChannel } from '../../workspaces/workspace-access.ts';
import type { SessionRequest } from '../channels/sessions.ts';

/** Programs that clients start by themselves, and that tell what they are. */
type KnownProgram = 'shell' | 'scp' | 'rsync' | 'git' | 'jetbrains';

/** A channel that a client opened, as far as it tells what the client is. What people type is not in it. */
export interface SeenChannel {
  readonly kind: OpenChannel['kind'];
  /** It has a terminal. */
  readonly pty: boolean;
  /** Of a subsystem: "sftp"; else empty. */
  readonly name: string;
  /** Of a command; undefined: any other. `shell`: nothing but a shell, which reads from its input what to do. */
  readonly program: KnownProgram | undefined;
}

export const FORWARD: SeenChannel = { kind: 'forward', pty: false, name: '', program: undefined };

/** Longer names of subsystems than any there is are cut; they end up in an operator's terminal. */
const LONGEST_NAME = 32;

export function seenSession(request: SessionRequest, pty: boolean): SeenChannel {
  switch (request.kind) {
    case 'shell':
      return { kind: 'shell', pty, name: '', program: undefined };
    case 'exec':
      return { kind: 'command', pty, name: '', program: programOf(request.command) };
    case 'subsystem': {
      const name = request.name.replace(/[^\x21-\x7e]/g, '?').slice(0, LONGEST_NAME);
      return { kind: 'subsystem', pty, name, program: undefined };
    }
  }
}

function programOf(command: string): KnownProgram | undefined {
  const [first = '', ...more] = command.trim().split(/\s+/, 3);
  if (/\bJetBrains\b/.test(command)) return 'jetbrains';
  const name = first.slice(first.lastIndexOf('/') + 1);
  if (more.length === 0 && (name === 'sh' || name === 'bash')) return 'shell';
  if (name === 'scp' || name === 'rsync') return name;
  return /^git-(?:upload-pack|receive-pack|upload-archive)$/.test(name) ? 'git' : undefined;
}
