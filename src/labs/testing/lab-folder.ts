import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ANYTHING_ASSUMED, type LabPolicy } from '../../config/lab-policy.ts';
import { DEFAULT_LIFECYCLE } from '../../config/lifecycle-values.ts';
import type { LabCatalogue } from '../lab-catalogue.ts';
import { loadLabs } from '../load-labs.ts';

/** A folder for labs that tests write; gone when it is disposed. */
export interface LabFolder extends AsyncDisposable {
  readonly folder: string;
  write(file: string, text: string): Promise<void>;
  /** The lab `lab` with this text. */
  load(text: string, policy?: LabPolicy): Promise<LabCatalogue>;
}

export async function labFolder(): Promise<LabFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'labs-'));
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  };
  return {
    folder,
    write,
    async load(text, policy = ANYTHING_ASSUMED) {
      await write('lab/lab.yaml', text);
      return loadLabs({
        folders: [join(folder, 'lab')],
        lifecycle: DEFAULT_LIFECYCLE,
        policy,
        workingFolder: folder,
      });
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
