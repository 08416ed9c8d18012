import { type Logger as PinoLogger, pino } from 'pino';

export type Logger = PinoLogger;

/** Logs JSON lines to standard error. Values under the named keys never reach it, however deep a caller put them. */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          'password',
          'token',
          'secret',
          'privateKey',
          '*.password',
          '*.token',
          '*.secret',
          '*.privateKey',
        ],
      },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
