import { z } from 'zod';
import { FactoryError } from '../errors/factory-error.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Progress } from '../workspaces/ports/progress.ts';
import type { Operation } from './operations.ts';

/** Of what is said of the mistakes in a body, which may have as many as fit into it; characters. */
const LONGEST_MISTAKES = 1_000;

/** While an operation is carried out. */
export interface Circumstance {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** An operation of the table with what carries it out, from JSON to JSON. */
export interface BoundOperation {
  readonly name: string;
  readonly kind: 'read' | 'long';
  /** Throws `REQUEST_INVALID` for a body that is not one of this operation. */
  prepare(body: unknown): {
    /** Operations of one lane never overlap. */
    readonly lane: string | undefined;
    readonly work: (circumstance: Circumstance) => Promise<unknown>;
  };
}

/** `laneOf`: the workspace and its part that a long operation is at work on. */
export function bind<I, O>(
  operation: Operation<I, O>,
  carryOut: (input: I, circumstance: Circumstance) => Promise<O>,
  laneOf: (input: I) => string | undefined = () => undefined,
): BoundOperation {
  const { name, kind, input, output } = operation;
  return {
    name,
    kind,
    prepare(body) {
      const asked = input.safeParse(body);
      if (!asked.success) {
        const mistakes = z.prettifyError(asked.error).slice(0, LONGEST_MISTAKES);
        throw new FactoryError('REQUEST_INVALID', `That is no ${name}: ${mistakes}`);
      }
      return {
        lane: laneOf(asked.data),
        work: async (circumstance) => z.encode(output, await carryOut(asked.data, circumstance)),
      };
    },
  };
}

/** A part of a workspace: what is done to it is done one after the other. */
export function laneOf(part: 'container' | 'cluster'): (input: { readonly key: WorkspaceKey }) => string {
  return ({ key }) => `${part} ${formatWorkspaceKey(key)}`;
}
