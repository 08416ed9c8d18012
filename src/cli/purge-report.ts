import { FactoryError } from '../errors/factory-error.ts';
import type { RemovalFailure, RemovalStep } from '../removal/removal-step.ts';

/** What a purge of everything leaves, and how that is taken away. */
export const WHAT_STAYS = `This stays:

  images                     those of labs that set-up built go with --images; docker image rm takes the rest
  set-up's cache             goes with --cache
  stand-ins of the test bed  where they were built, testbed/down all in the checkout takes them away
  what is yours              the checkout, the configuration, the folders of labs and keys, backups`;

/** "the cluster alice-0f… of alice/k3s" */
export function describeStep({ kind, name, workspace }: RemovalStep): string {
  return `the ${kind} ${name}${workspace === undefined ? '' : ` of ${workspace}`}`;
}

/** A list for people, by workspace. */
export function stepLines(steps: readonly RemovalStep[]): readonly string[] {
  const byOwner = Map.groupBy(steps, ({ workspace }) => workspace ?? 'the factory itself');
  return [...byOwner].flatMap(([owner, own]) => [
    `  ${owner}`,
    ...own.flatMap(({ kind, name, parts = [] }) => [
      `    ${kind.padEnd(9)}  ${name}`,
      ...parts.map((part) => `               ${part}`),
    ]),
  ]);
}

/** The same for scripts. */
export function stepAsJson({ kind, name, workspace, parts }: RemovalStep): object {
  return { kind, name, ...(workspace !== undefined && { workspace }), ...(parts !== undefined && { parts }) };
}

export function removalIncomplete(failures: readonly RemovalFailure[]): FactoryError {
  const detail = failures.map(({ step, reason }) => `${describeStep(step)}: ${reasonOf(reason)}`).join('\n');
  return new FactoryError(
    'REMOVAL_INCOMPLETE',
    'Not all could be removed; mend what is said below and give the same command again.',
    { detail },
  );
}

/** Docker's own words are of more use here than ours. */
export function reasonOf(reason: Error): string {
  return (reason instanceof FactoryError ? reason.detail : undefined) ?? reason.message;
}
