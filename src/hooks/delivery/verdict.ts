import { z } from 'zod';
import { parseJson } from '../../json/parse-json.ts';
import type { HookName } from '../../labs/lab-definition.ts';
import { answerSchema, type HookAnswer } from '../messages/answer-schema.ts';
import { hasManyValues } from './many-values.ts';
import { ForbiddenTarget, type HookResponse } from './post-hook.ts';

/** What one try came to. `reason`: for the operator, without secrets. */
export type Verdict =
  /** `answer`: of `initialization`. */
  | { readonly kind: 'delivered'; readonly answer: HookAnswer | undefined }
  /** Taken, but what it said can not be used: `initialization` alone. */
  | { readonly kind: 'unusable'; readonly reason: string }
  /** The receiver does not want it, or it may not be sent there. `gone`: nor anything else at this URL, ever. */
  | { readonly kind: 'refused'; readonly reason: string; readonly gone: boolean }
  /** `retryAfter`: what the receiver asks for, ms. */
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfter: number | undefined };

export const NO_ANSWER: HookAnswer = { environment: {}, values: {}, files: [], message: '' };

/** Of 4xx these say that another time may be better. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);
const GONE = 410;

/** What a receiver may ask for at most; ms. */
export const LONGEST_RETRY_AFTER = 3_600_000;

export function judgeResponse(hook: HookName, response: HookResponse, now: number): Verdict {
  const { status } = response;
  if (status >= 200 && status < 300) {
    return hook === 'initialization' ? judgeAnswer(response) : { kind: 'delivered', answer: undefined };
  }
  const reason =
    status >= 300 && status < 400 ? `answered ${status}: redirects are not followed` : `answered ${status}`;
  if (status >= 400 && status < 500 && !LATER.has(status)) {
    return { kind: 'refused', reason, gone: status === GONE };
  }
  return { kind: 'failed', reason, retryAfter: retryAfter(response.header('retry-after'), now) };
}

/** What a try that got no whole answer came to. */
export function judgeFailure(error: unknown): Verdict {
  if (error instanceof ForbiddenTarget) return { kind: 'refused', reason: error.message, gone: false };
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
    return { kind: 'unusable', reason: 'the answer is too large' };
  }
  return { kind: 'failed', reason: reasonOf(error), retryAfter: undefined };
}

function judgeAnswer({ status, header, body = '' }: HookResponse): Verdict {
  if (status === 204 || body === '') return { kind: 'delivered', answer: NO_ANSWER };
  const encoding = header('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') return unusable(`the answer is encoded (${encoding})`);
  const type = header('content-type') ?? 'none';
  if (!/^application\/json\s*(?:;|$)/i.test(type)) {
    return unusable(`the answer's content-type is ${type}, not application/json`);
  }
  if (hasManyValues(body)) return unusable('the answer has too many values');
  const parsed = answerSchema.safeParse(parseJson(body));
  if (parsed.success) return { kind: 'delivered', answer: parsed.data };
  return unusable(`the answer breaks the rules: ${z.prettifyError(parsed.error)}`);
}

function unusable(reason: string): Verdict {
  return { kind: 'unusable', reason: oneLine(reason) };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError' || ('code' in error && /TIMEOUT/.test(String(error.code)))) {
    return 'no answer in time';
  }
  // Of several addresses that were tried one says enough.
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  return oneLine(cause instanceof Error ? cause.message : error.message);
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const isDate = /^[A-Z][a-z]{2}, /.test(text);
  const ms = isDate ? Date.parse(text) - now : /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.max(0, Math.min(ms, LONGEST_RETRY_AFTER));
}

/** What others say must not move anybody's cursor, nor fill a log. */
function oneLine(text: string): string {
  return text
    .slice(0, 2_000)
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .slice(0, 300);
}
