import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { FactoryError } from '../../../errors/factory-error.ts';
import type { FileDefinition, LabDefinition } from '../../../labs/lab-definition.ts';
import { type Clock, systemClock } from '../../../time/clock.ts';
import { LARGEST_LAB_FILE, MOST_FILES } from '../../file-limits.ts';
import type { WantedFile } from './placed-files.ts';
import { type FileLook, settledContent } from './settled-content.ts';

type Lab = Pick<LabDefinition, 'name' | 'folder' | 'container'>;

/**
 * `container.files` with what is in them. Rejects with `LAB_INVALID` where a file of the lab's folder can't be read, is too large, or
 * is, by a link, not of that folder: a lab may be somebody else's, and the factory may read more than they.
 */
export async function labFiles(
  lab: Lab,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<readonly WantedFile[]> {
  const wanted: WantedFile[] = [];
  let size = 0;
  for (const file of lab.container.files) {
    const content = await contentOf(file, lab, clock, signal);
    size += content.length;
    if (size > MOST_FILES) throw refusedFile(lab, file.path, 'is one too many: all together may have 8 MiB');
    wanted.push({ path: file.path, mode: file.mode, owner: file.owner, content });
  }
  return wanted;
}

/** `problem` completes "the file /a/b …". */
export function refusedFile(
  lab: Pick<LabDefinition, 'name'>,
  path: string,
  problem: string,
  cause?: unknown,
): FactoryError {
  const sentence = `The file ${path} of the lab ${lab.name} ${problem}; mend container.files in its lab.yaml.`;
  return new FactoryError('LAB_INVALID', sentence, { cause });
}

async function contentOf(
  { path, content }: FileDefinition,
  lab: Lab,
  clock: Clock,
  signal: AbortSignal,
): Promise<Buffer> {
  if (content.kind === 'text') return Buffer.from(content.text);
  const refuse = (problem: string, cause?: unknown) => refusedFile(lab, path, problem, cause);
  try {
    return await settledContent(
      async () => {
        const [folder, file] = await Promise.all([realpath(lab.folder), realpath(content.file)]);
        if (!file.startsWith(`${folder}${sep}`)) throw refuse(`is outside of the lab's folder`);
        return await readBounded(file, refuse);
      },
      { clock, signal },
    );
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof FactoryError ? thrown : refuse(`can't be read from ${content.file}`, thrown);
  }
}

/** Opening a pipe must not wait for somebody who writes to it. */
const HOW = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function readBounded(path: string, refuse: (problem: string) => FactoryError): Promise<FileLook> {
  await using file = await open(path, HOW);
  const before = await file.stat();
  if (!before.isFile()) throw refuse('comes from something that is no regular file');
  if (before.size > LARGEST_LAB_FILE) throw refuse('is too large: 1 MiB is the most');
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(before.size), position: 0 });
  return { content: buffer.subarray(0, bytesRead), before, after: await file.stat() };
}
