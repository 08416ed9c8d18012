import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The longest path of a Unix socket that every system takes (sockaddr_un of macOS has 104 bytes, with the final NUL). */
const LONGEST = 103;

/** Where a socket of the data folder is: in it, or, where that lies too deep, in the temporary folder under a name made from its path. */
export function socketPath(folder: string, name: string): string {
  const path = join(folder, name);
  if (Buffer.byteLength(path) <= LONGEST) return path;
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 32);
  return join(tmpdir(), `ssh-lab-factory-${digest}.sock`);
}
