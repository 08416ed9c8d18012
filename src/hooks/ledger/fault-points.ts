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
  /** As `close`, with the `delete` after it. */
  'delete: before commit',
  'delete: after commit',
  /** Sessions of a factory that was killed get their end. */
  'recover: before commit',
  'recover: after commit',
  /** What was given up long ago is forgotten. */
  'prune: before commit',
  'prune: after commit',
  /** Somebody waits: what is next is tried at once. */
  'hurry: before commit',
  'hurry: after commit',
  /** The head of the queue was read, nothing has left the machine. */
  'send: before',
  /** The request is under way; whether the receiver has it nobody knows. */
  'send: under way',
  /** The answer is here, and the file does not know. */
  'send: after',
  /** What the answer means. */
  'settle: before commit',
  'settle: after commit',
  'postpone: before commit',
  'postpone: after commit',
  'refuse: before commit',
  'refuse: after commit',
  'give up: before commit',
  'give up: after commit',
  /** The next of the queue has not been looked at. */
  'next: before',
  /** What the operator orders. */
  'retry: before commit',
  'retry: after commit',
  'drop: before commit',
  'drop: after commit',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];

/** What is written in one transaction. */
export type Write = BeforeCommit<FaultPoint>;
type BeforeCommit<Point> = Point extends `${infer Name}: before commit` ? Name : never;

/** Told of each point that is passed. */
export interface Faults {
  at(point: FaultPoint): void;
}

/** In production nothing happens there. */
export const NO_FAULTS: Faults = { at: () => {} };
