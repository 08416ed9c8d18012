import { z } from 'zod';

/** What of a log line is of use here; `method` and `path` are of the marks of docker-call-marks.mjs. */
const lineSchema = z.object({
  time: z.iso.datetime().transform((text) => Date.parse(text)),
  msg: z.string(),
  user: z.string().optional(),
  part: z.string().optional(),
  action: z.string().optional(),
  method: z.string().optional(),
  path: z.string().optional(),
});

/** One line of the factory's log; `time` in ms since the epoch. */
export type LogLine = z.output<typeof lineSchema>;

/** The lines of JSON in what the factory wrote, oldest first. */
export function logLines(log: string): readonly LogLine[] {
  return log.split('\n').flatMap((text) => lineSchema.safeParse(parsed(text)).data ?? []);
}

/** When `user` was logged in; ms since the epoch, oldest first. */
export function loginsIn(log: string, user: string): readonly number[] {
  return logLines(log).flatMap((line) => (line.msg === 'logged in' && line.user === user ? [line.time] : []));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
