import type { ConfigDraft } from '../config-draft.ts';
import type { Problem } from '../problem.ts';
import { readRegularFile, UnfitFile } from '../regular-file.ts';
import { group } from '../sections/group.ts';
import { parseRoster, type Roster } from './roster.ts';

/** The rosters that a configuration names. */
export interface Rosters {
  /** By the index of the group. */
  readonly of: ReadonlyMap<number, ReadRoster>;
  readonly problems: readonly Problem[];
}

export interface ReadRoster extends Roster {
  /** Absolute. */
  readonly file: string;
}

/** Bytes; a school has thousands of students, not a million. */
const LARGEST_ROSTER = 4 * 2 ** 20;

/** Never rejects: what is wrong is in `problems`, at its place in the configuration or in the roster. */
export async function readRosters(draft: ConfigDraft): Promise<Rosters> {
  const named = draft.items(group, ['groups']).flatMap(({ path, value: { roster } }) => {
    const index = path.at(-1);
    return roster === undefined || typeof index !== 'number' ? [] : [{ path, index, roster }];
  });
  const readings = await Promise.all(
    named.map(async ({ path, index, roster: { file: written, column } }) => {
      const file = draft.absolute(written);
      const bytes = await readRoster(file);
      if (typeof bytes !== 'string') return { index, roster: { file, ...parseRoster(file, bytes, column) } };
      const place = draft.has([...path, 'roster', 'file']) ? ['roster', 'file'] : ['roster'];
      return { index, problem: draft.document.problemAt([...path, ...place], bytes) };
    }),
  );
  const read = readings.flatMap(({ index, roster }) =>
    roster === undefined ? [] : [[index, roster] as const],
  );
  return {
    of: new Map(read),
    problems: [
      ...readings.flatMap(({ problem }) => problem ?? []),
      ...read.flatMap(([, roster]) => roster.problems),
    ],
  };
}

/** The file's bytes, or what is wrong with it. */
async function readRoster(file: string): Promise<Uint8Array | string> {
  try {
    return await readRegularFile(file, LARGEST_ROSTER);
  } catch (error) {
    if (error instanceof UnfitFile) return `${error.message}; is it the right file?`;
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown';
    if (code === 'EISDIR') return 'is no file; it must be a CSV file';
    if (code === 'ENOENT') return 'there is no such file; make it, or mend the path';
    return `can't be read (${String(code)})`;
  }
}
