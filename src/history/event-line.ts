import { stripVTControlCharacters, type styleText } from 'node:util';
import { formatBytes } from '../words/amounts.ts';
import { inWords, tookInWords } from '../words/time-span.ts';
import type { PublishedCause, PublishedCommand, RecordedEvent } from './event-schema.ts';

/** Colours where they are wanted, else the text as it is. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/** The columns of an event for people. `what`: the part, or who acts. */
interface Words {
  readonly what: 'session' | 'container' | 'cluster' | 'command' | 'host' | 'hook';
  readonly happened: string;
  readonly colour: 'green' | 'dim' | 'red' | 'yellow' | undefined;
}

/** The longest of `Words.what`. */
const WHAT_WIDTH = 'container'.length;

/** Most workspaces are no wider; a longer name moves the rest of its line. */
const WORKSPACE_WIDTH = 14;

const ENDED = {
  closed: 'the client closed it',
  lost: 'the client was lost',
  idle: 'nothing was typed for too long',
  max_session: 'it lasted as long as it may',
  operator: 'the operator ended it',
  restart: 'the factory was restarted',
  refused: 'the name is another account by now',
  protocol_error: 'the client broke the rules',
  factory_killed: 'the factory was killed',
} as const;

const FAILED = {
  create: 'created',
  start: 'started',
  resume: 'resumed',
  connect: 'connected',
  suspend: 'suspended',
  stop: 'stopped',
  remove: 'removed',
  reset: 'removed to be made anew',
} as const;

const HOOK_OUTCOMES = {
  delivered: 'delivered',
  failed: 'not delivered, it is tried again',
  given_up: 'given up',
  refused: 'refused by its receiver',
} as const;

const NOBODY_FOR = {
  grace: 'nobody there for the grace time',
  stop_after: 'nobody there for stop_after',
  delete_after: 'nobody there for delete_after',
} as const;

/**
 * An event as a line for people: when, whose, what, what happened, and why. Times are the machine's own; with the date where it is
 * another than that of `now` (ms since the epoch).
 */
export function eventLine(event: RecordedEvent, now: number, paint: Paint): string {
  const { what, happened, colour } = wordsOf(event, now);
  const text = printable(happened);
  return [
    paint('dim', timeText(event.at, now)),
    paint('cyan', `${event.user}/${event.lab}`.padEnd(WORKSPACE_WIDTH)),
    what.padEnd(WHAT_WIDTH),
    colour === undefined ? text : paint(colour, text),
  ].join('  ');
}

type State = Extract<RecordedEvent, { kind: 'found' }>['to'];

/** That its route is not set yet is no state that anybody else knows. */
function forPeople(state: State): State {
  return state === 'unconnected' ? 'running' : state;
}

function wordsOf(event: RecordedEvent, now: number): Words {
  switch (event.kind) {
    case 'session_began':
      return {
        what: 'session',
        happened: `began  ${event.client}  ${programText(event.program)}`,
        colour: undefined,
      };
    case 'session_ended': {
      const left = event.last ? 'the last one' : 'others are left';
      const happened = `ended after ${inWords(event.ms)}  ${event.client}  ${ENDED[event.reason]}; ${left}`;
      return { what: 'session', happened, colour: undefined };
    }
    case 'step_done': {
      const { part, action, ms, cause } = event;
      const [from, to] = [forPeople(event.from), forPeople(event.to)];
      const change = action === 'connect' ? 'connected' : `${from} → ${to}`;
      const colour = to === 'running' ? 'green' : 'dim';
      return { what: part, happened: `${change}  ${tookInWords(ms)}  ${causeText(cause)}`, colour };
    }
    case 'step_failed': {
      const { part, action, ms, cause, error, retry_at: retryAt } = event;
      const happened = `could not be ${FAILED[action]} (${tookInWords(ms)}, ${causeText(cause)}); again at ${timeText(retryAt, now)}: ${error.message} (error ${error.id})`;
      return { what: part, happened, colour: 'red' };
    }
    case 'found': {
      const before = event.from === null ? '' : `, it was ${forPeople(event.from)}`;
      return { what: event.part, happened: `found ${forPeople(event.to)}${before}`, colour: 'yellow' };
    }
    case 'commanded':
      return {
        what: 'command',
        happened: `${commandText(event.command, now)}, by ${event.by}`,
        colour: undefined,
      };
    case 'memory_pressure': {
      const left = formatBytes(event.available_bytes);
      return {
        what: 'host',
        happened: `short of memory, ${left} left: asleep for the longest, it is stopped`,
        colour: 'yellow',
      };
    }
    case 'hook': {
      const { hook, outcome, attempt, ms } = event;
      const tries = attempt === 1 ? '' : `, try ${attempt}`;
      return {
        what: 'hook',
        happened: `${hook} ${HOOK_OUTCOMES[outcome]}  ${tookInWords(ms)}${tries}`,
        colour: outcome === 'delivered' ? 'dim' : 'red',
      };
    }
    case 'deletion_ahead': {
      const happened = `will be deleted at ${timeText(event.delete_at, now)} if nobody comes`;
      return { what: 'cluster', happened, colour: 'yellow' };
    }
  }
}

function causeText(cause: PublishedCause): string {
  switch (cause.kind) {
    case 'session':
      return `for ${cause.client}`;
    case 'time':
      return NOBODY_FOR[cause.after];
    case 'memory_pressure':
      return 'the host is short of memory';
    case 'command':
      return `${cause.command}, by ${cause.by}`;
    case 'pin':
      return `pinned by ${cause.by}`;
  }
}

function commandText(command: PublishedCommand, now: number): string {
  switch (command.kind) {
    case 'suspend':
    case 'stop':
      return `${command.kind}${ending(command.end_sessions)}`;
    case 'delete':
      return `delete${command.home ? ' with the home' : ''}${ending(command.end_sessions)}`;
    case 'reset':
      return `reset of the ${command.part}`;
    case 'pin':
      return `pin until ${timeText(command.until, now)}`;
    case 'start':
    case 'unpin':
      return command.kind;
    case 'cluster_start':
    case 'cluster_suspend':
    case 'cluster_stop':
    case 'cluster_delete':
      return `${command.kind.slice('cluster_'.length)} of the cluster`;
    case 'node_stop':
    case 'node_start':
      return `${command.kind.slice('node_'.length)} of ${command.node}`;
  }
}

function ending(sessions: boolean): string {
  return sessions ? ', ending its sessions' : '';
}

/** "10:42:07", on another day "2026-11-28 10:42:07" */
function timeText(time: string, now: number): string {
  const at = new Date(time);
  const day = dayOf(at);
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':');
  return day === dayOf(new Date(now)) ? clock : `${day} ${clock}`;
}

function dayOf(date: Date): string {
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-');
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

function programText(program: string): string {
  return program.replace(/^SSH-2\.0-/, '');
}

/** What clients and programs say must not move anybody's cursor. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ');
}
