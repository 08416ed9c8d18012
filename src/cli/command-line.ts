import { type Command, Option } from 'commander';
import type { StartFactory } from '../composition/start-request.ts';
import type { Surroundings } from './surroundings.ts';

/** What every command of the program is given. */
export interface CommandLine {
  readonly surroundings: Surroundings;
  readonly start: StartFactory;
  /** Aborts when the person or the system wants the program to end. */
  readonly stop: AbortSignal;
  /** Sets the status of the program, for an action that does its work and has bad news; 0 where it is not called. */
  readonly exitWith: (status: number) => void;
}

/** Adds one command to `program`. Its action rejects with a `FactoryError`; commander itself ends it for usage errors. */
export type AddCommand = (program: Command, line: CommandLine) => void;

/** The same in all commands that read a configuration. */
export function configOption(): Option {
  return new Option('-c, --config <file>', 'configuration file (YAML)').env('FACTORY_CONFIG');
}
