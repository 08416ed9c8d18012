import type { LabDefinition } from '../../labs/lab-definition.ts';
import type { LabName } from '../../names/lab-name.ts';
import type { Clock } from '../../time/clock.ts';
import type { Lease } from '../../workspaces/workspace-access.ts';
import type { Exit } from '../channels/exit.ts';
import type { SessionChannel } from '../channels/session-channel.ts';
import type { Destination } from '../inner/inner-advice.ts';
import type { LabChoice } from '../picker/picker.ts';

/** What a command has to work with where no lab is chosen yet. */
export interface LabFreeContext {
  readonly destination: Destination;
  /** The labs that the user may use, as they are now. */
  readonly labs: () => readonly LabChoice[];
  /** A line of the command's result, to standard output. */
  print(text: string): void;
  /** A line about what is going on, to standard error. */
  note(text: string): void;
}

/** What a command has to work with. It must not need the SSH server in the container. */
export interface CommandContext extends LabFreeContext {
  readonly channel: SessionChannel;
  readonly lease: Lease;
  readonly lab: LabDefinition;
  /** What else the user may use. */
  readonly otherLabs: readonly LabName[];
  readonly clock: Clock;
  /** The words after the command's name. */
  readonly args: readonly string[];
  /** Everything after the command's name, as it was typed. */
  readonly rest: string;
}

/** A command that the gateway itself carries out: `ssh alice@host @name`. */
export interface GatewayCommand extends NamedCommand {
  run(context: CommandContext): Promise<Exit>;
}

/** One that needs no lab. */
export interface LabFreeCommand extends NamedCommand {
  run(context: LabFreeContext): Promise<Exit>;
}

export interface NamedCommand {
  /** With the @. */
  readonly name: string;
  readonly summary: string;
}

export const OK: Exit = { kind: 'status', code: 0 };
export const FAILED: Exit = { kind: 'status', code: 1 };
export const USAGE: Exit = { kind: 'status', code: 2 };
