import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { secretValues } from './secret-values.ts';
import { jsonWithoutSecrets } from './secrets.ts';
import { serializeError } from './serialize-error.ts';

export type Logger = PinoLogger;

/** Written at once: a line that was logged is there, whatever happens to the process next. */
export function standardError(): DestinationStream {
  return pino.destination({ fd: 2, sync: true });
}

/**
 * Logs JSON lines to each of the destinations, by default to standard error. Values under the named keys never reach them, and neither does what looks
 * like a secret in any text, or is one of `secrets`.
 */
export function createLogger(
  level: string,
  destinations: readonly DestinationStream[] = [standardError()],
  secrets: readonly string[] = [],
): Logger {
  const { jsonWithoutValues } = secretValues(secrets);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: serializeError },
      hooks: { streamWrite: (line) => jsonWithoutSecrets(jsonWithoutValues(line)) },
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
    // The logger's own level decides, not a stream's.
    pino.multistream(destinations.map((stream) => ({ stream, level: 'trace' }))),
  );
}
