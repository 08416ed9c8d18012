/**
 * Every place where a process that dies leaves another state behind: on both sides of each commit, and around what goes over the
 * network. Tests end a process at each of them.
 */
export const FAULT_POINTS = [
  /** A hook, and what goes with it, is written but not committed. */
  'enqueue: before commit',
  'enqueue: after commit',
  /** The open configuration is closed, with its cleanup. */
  'close: before commit',
  'close: after commit',
  /** Sessions of a factory that was killed get their end. */
  'recover: before commit',
  'recover: after commit',
  /** The head of the queue was read, nothing has left the machine. */
  'send: before',
  /** The request is under way; whether the receiver has it nobody knows. */
  'send: under way',
  /** The answer is here, and the file does not know. */
  'send: after',
  'mark: before commit',
  'mark: after commit',
  /** The next of the queue has not been looked at. */
  'next: before',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];

/** Told of each point that is passed. */
export interface Faults {
  at(point: FaultPoint): void;
}

/** In production nothing happens there. */
export const NO_FAULTS: Faults = { at: () => {} };
