import type { styleText } from 'node:util';
import { levels } from 'pino';
import type { LogEntry, LoggedError, LogLine } from './log-line.ts';

type Format = Parameters<typeof styleText>[0];

/** Colours where they are wanted, else the text as it is: `util.styleText` does both. */
export type Paint = (format: Format, text: string) => string;

export interface RenderOptions {
  readonly paint: Paint;
  /** With the calls that led to the innermost cause. */
  readonly stacks: boolean;
}

/** Shown in places of their own, or of no use to a reader. */
const TAKEN: ReadonlySet<string> = new Set([
  ...['level', 'time', 'msg', 'workspace', 'user', 'lab', 'errorId', 'code', 'detail', 'err', 'client'],
]);
const INDENT = '    ';

/** A line of the log for people: one line, and below an error its details and the chain of its causes, indented. */
export function renderLine(line: LogLine, options: RenderOptions): string {
  if (line.kind === 'text') return printable(line.raw);
  const { entry } = line;
  return [headOf(entry, options.paint), ...detailsOf(entry, options)].join('\n');
}

function headOf(entry: LogEntry, paint: Paint): string {
  const level = levels.labels[entry.level] ?? String(entry.level);
  const who = entry.workspace ?? [entry.user, entry.lab].filter(Boolean).join('/');
  const id = entry.errorId === undefined ? undefined : paint('bold', `(error ${entry.errorId})`);
  return [
    paint('dim', entry.time ?? ''),
    paint(colourOf(entry.level), level.toUpperCase().padEnd(5)),
    who === '' ? undefined : paint('cyan', who),
    printable(entry.msg ?? ''),
    id,
    paint('dim', fieldsOf(entry)),
  ]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
}

function colourOf(level: number): Format {
  if (level >= 50) return 'red';
  return level >= 40 ? 'yellow' : 'green';
}

/** `part=cluster ms=1200` */
function fieldsOf(entry: LogEntry): string {
  return Object.entries(entry)
    .filter(([name, value]) => !TAKEN.has(name) && value !== undefined)
    .map(([name, value]) => `${name}=${printable(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join(' ');
}

function detailsOf(entry: LogEntry, options: RenderOptions): string[] {
  // Before the log had the whole chain, the details stood beside the error.
  const own = entry.detail === undefined ? [] : quoted(entry.detail, INDENT, options.paint);
  if (entry.err === undefined) return own;
  return [...own, ...errorLines(entry.err, entry.msg, INDENT, options)];
}

/** `told`: what the line above says already. */
function errorLines(
  error: LoggedError,
  told: string | undefined,
  indent: string,
  options: RenderOptions,
): string[] {
  const { paint, stacks } = options;
  const message = error.message === told ? undefined : printable(error.message ?? '');
  const inner = `${indent}${INDENT}`;
  return [
    `${indent}${[paint('bold', kindOf(error)), message].filter(Boolean).join(': ')}`,
    ...(error.command === undefined ? [] : [`${inner}$ ${printable(error.command)}`]),
    ...quoted(error.detail === error.cause?.message ? undefined : error.detail, inner, paint),
    ...quoted(error.output, inner, paint),
    ...(stacks && error.cause === undefined ? quoted(error.stack, inner, paint) : []),
    ...(error.cause === undefined ? [] : because(error.cause, indent, options)),
  ];
}

function because(cause: LoggedError, indent: string, options: RenderOptions): string[] {
  const [first = '', ...others] = errorLines(cause, undefined, indent, options);
  return [`${indent}because of ${first.trimStart()}`, ...others];
}

/** "CLUSTER_FAILED", "Error ENOENT", "ExecaError, exit 1", "Error, HTTP 404" */
function kindOf({ type, code, status, exitCode, signal }: LoggedError): string {
  const name = type === 'FactoryError' ? code : [type, code].filter(Boolean).join(' ');
  const how = [
    exitCode === undefined ? undefined : `exit ${exitCode}`,
    signal,
    status === undefined ? undefined : `HTTP ${status}`,
  ];
  return [name ?? 'error', ...how].filter(Boolean).join(', ');
}

function quoted(text: string | undefined, indent: string, paint: Paint): string[] {
  if (text === undefined || text.trim() === '') return [];
  return text
    .trim()
    .split('\n')
    .map((line) => `${indent}${paint('dim', '|')} ${printable(line)}`);
}

/** What clients and other programs said may hold anything; no terminal is to obey it. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trimEnd();
}
