import { asFactoryError } from '../errors/factory-error.ts';
import { orAborted } from '../time/or-aborted.ts';
import type { Check } from './check.ts';
import type { CheckName } from './checks.ts';
import type { Finding } from './finding.ts';
import { type Judgement, type Skipped, skipped, wrong } from './judgement.ts';
import type { Site } from './site.ts';

/** One check under way. */
export interface Examination {
  readonly check: CheckName;
  /** Comes within the check's limit, whatever the check does. Never rejects. */
  readonly finding: Promise<Finding>;
  /** When the check has really ended, what it had to put away included. Never rejects. */
  readonly ended: Promise<void>;
}

type Conclusion = Judgement | Skipped;

const NO_ENGINE = skipped('no Docker engine answers');

/** Begins all checks at once; they come in the order of `checks`. When `stop` aborts, so do they. */
export function examine<S extends Site>(
  checks: Readonly<Partial<Record<CheckName, Check<S>>>>,
  site: S,
  stop: AbortSignal,
): readonly Examination[] {
  return (Object.entries(checks) as [CheckName, Check<S>][]).map(([name, check]) =>
    begin(name, check, site, stop),
  );
}

function begin<S extends Site>(check: CheckName, what: Check<S>, site: S, stop: AbortSignal): Examination {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const finding = conclude(what, site, stop, end).then((conclusion) => ({ check, ...conclusion }));
  return { check, finding, ended };
}

/** `end` is called when the check has really ended, which may be after its limit. */
async function conclude<S extends Site>(
  check: Check<S>,
  site: S,
  stop: AbortSignal,
  end: () => void,
): Promise<Conclusion> {
  const look = await lookOf(check, site);
  if (look === undefined) {
    end();
    return NO_ENGINE;
  }
  const signal = AbortSignal.any([stop, AbortSignal.timeout(check.limit)]);
  const looking = look(signal);
  void looking.then(end, end);
  // Whatever the check does with its signal: a disk that hangs, for one, keeps its call for ever.
  return await orAborted(looking, signal).catch((thrown: unknown) => failure(thrown, check.limit));
}

/** Undefined where the check needs an engine and none answers. */
async function lookOf<S extends Site>(
  check: Check<S>,
  site: S,
): Promise<((signal: AbortSignal) => Promise<Conclusion>) | undefined> {
  if (check.needs === 'nothing') return async (signal) => check.look(site, signal);
  const engine = await site.engine;
  return engine.answers ? async (signal) => check.look(site, engine, signal) : undefined;
}

/** What nobody could find out is not right. */
function failure(thrown: unknown, limit: number): Judgement {
  const again = './factory doctor   # again; if it stays so, please report it';
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return wrong(`not known: it took more than ${limit / 1000} s to find out`, again);
  }
  const { message, detail, cause } = asFactoryError(thrown);
  const more = detail ?? (cause instanceof Error ? cause.message : undefined);
  return wrong(`not known: ${message}${more === undefined ? '' : ` (${more})`}`, again);
}
