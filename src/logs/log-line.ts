import { z } from 'zod';
import { parseJson } from '../json/parse-json.ts';

/** An error as a line of the log holds it, `SerializedError` or what an older factory wrote. */
export interface LoggedError {
  readonly type?: string | undefined;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly detail?: string | undefined;
  readonly status?: number | undefined;
  readonly command?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly output?: string | undefined;
  readonly stack?: string | undefined;
  readonly cause?: LoggedError | undefined;
}

const text = z.string().optional().catch(undefined);
const number = z.number().optional().catch(undefined);

const errorSchema = z.object({
  type: text,
  code: text,
  message: text,
  detail: text,
  status: number,
  command: text,
  exitCode: number,
  signal: text,
  output: text,
  stack: text,
  get cause(): z.ZodCatch<z.ZodOptional<z.ZodType<LoggedError>>> {
    return errorSchema.optional().catch(undefined);
  },
});

const entrySchema = z.looseObject({
  /** Pino's number: 30 is info, 40 warn, 50 error. */
  level: z.number(),
  /** ISO 8601, UTC. */
  time: text,
  msg: text,
  /** "alice/k3s" */
  workspace: text,
  user: text,
  lab: text,
  errorId: text,
  code: text,
  detail: text,
  err: errorSchema.optional().catch(undefined),
});

export type LogEntry = z.output<typeof entrySchema>;

/** One line of the log. `text`: not an entry; a line that was cut off, or of another version. */
export type LogLine =
  | { readonly kind: 'entry'; readonly raw: string; readonly entry: LogEntry }
  | { readonly kind: 'text'; readonly raw: string };

export function parseLogLine(raw: string): LogLine {
  const parsed = entrySchema.safeParse(parseJson(raw));
  return parsed.success ? { kind: 'entry', raw, entry: parsed.data } : { kind: 'text', raw };
}
