import { readFile } from 'node:fs/promises';
import { type Check, MOMENT } from '../check.ts';
import { doubtful, type Judgement, right, wrong } from '../judgement.ts';

/** A session takes about five: the student's socket, the exec's, and one for each forwarded connection. */
export const FEW_FILES = 4096;
export const TOO_FEW_FILES = 256;

/** Of this process, and so of a factory that is started from the same shell: Node raises its limit as far as it may. */
export const openFiles: Check = {
  needs: 'nothing',
  limit: MOMENT,
  look: async () =>
    judgeOpenFiles(parseOpenFiles(await readFile('/proc/self/limits', 'utf8').catch(() => ''))),
};

/** The soft limit in proc_pid_limits(5): "Max open files  1024  1048576  files"; undefined where there is none. */
export function parseOpenFiles(limits: string): number | undefined {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? undefined : Number(soft);
}

export function judgeOpenFiles(limit: number | undefined): Judgement {
  if (limit === undefined) return right('no limit of open files is set');
  const text = `${limit} open files for a factory that is started here`;
  if (limit >= FEW_FILES) return right(text);
  const remedy = ['ulimit -n 65536   # in the shell that starts it; in a systemd unit LimitNOFILE=65536'];
  return limit < TOO_FEW_FILES ? wrong(text, ...remedy) : doubtful(text, ...remedy);
}
