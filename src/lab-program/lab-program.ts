import { readFile } from 'node:fs/promises';

export interface ProgramFile {
  /** Absolute, in the container. */
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

/** Where the program itself is; the rest belongs to it. */
export const PROGRAM_PATH = '/usr/local/bin/cluster';

/** In the folder `lab-program`, beside `src` and `dist`. */
const FILES = [
  { name: 'cluster', path: PROGRAM_PATH, mode: 0o755 },
  { name: 'cluster.bash', path: '/usr/share/bash-completion/completions/cluster', mode: 0o644 },
  { name: 'cluster.1', path: '/usr/local/share/man/man1/cluster.1', mode: 0o644 },
] as const;

/** The program `cluster` as it lies in a container. */
export async function clusterProgramFiles(): Promise<readonly ProgramFile[]> {
  return Promise.all(
    FILES.map(async ({ name, path, mode }) => ({
      path,
      mode,
      text: await readFile(new URL(`../../lab-program/${name}`, import.meta.url), 'utf8'),
    })),
  );
}
