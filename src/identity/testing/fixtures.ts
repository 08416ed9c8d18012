import { pino } from 'pino';
import type { Logger } from '../../logging/logger.ts';
import { parseUsername, type Username } from '../../names/username.ts';
import type { Clock } from '../../time/clock.ts';

export function username(text: string): Username {
  const user = parseUsername(text);
  if (user === undefined) throw new Error(`${text} is no user name`);
  return user;
}

/** A logger whose lines a test can look at. */
export function recordingLogger(): { logger: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: 'trace', base: null }, { write: (line) => lines.push(JSON.parse(line)) });
  return { logger, lines };
}

/** A clock that stands still until the test moves it. */
export function handClock(start: number): Clock & { advance(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    schedule: () => {
      throw new Error('this clock schedules nothing');
    },
  };
}
