import { randomUUID } from 'node:crypto';
import { close, constants, open } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execa } from 'execa';

/** ms */
const MKFIFO_TIMEOUT = 5_000;

const [openPath, closeFile] = [promisify(open), promisify(close)];

/** Two named pipes (fifo(7)) for the standard streams of one process, and this side's ends of them. */
export interface NamedPipes {
  /** In the folder, `.in` and `.out` follow it. */
  readonly name: string;
  /** The process' standard output. */
  readonly from: Socket;
  /** The process' standard input. */
  readonly to: Socket;
  /** Removes the names; whoever has opened the pipes keeps them. Never rejects, nor does `leave`. */
  remove(): Promise<void>;
  /** Removes the names and closes this side's ends. */
  leave(): Promise<void>;
}

/** Rejects where the folder can't have pipes, or `signal` aborts. */
export async function makeNamedPipes(folder: string, signal: AbortSignal): Promise<NamedPipes> {
  const name = randomUUID();
  const [input, output] = [join(folder, `${name}.in`), join(folder, `${name}.out`)];
  const remove = async (): Promise<void> => {
    // A name that can't be removed now is when the factory starts.
    await Promise.allSettled([input, output].map((path) => rm(path, { force: true })));
  };
  const opened: number[] = [];
  try {
    await execa('mkfifo', ['-m', '600', input, output], { cancelSignal: signal, timeout: MKFIFO_TIMEOUT });
    // Neither waits for the process to open its end. A pipe that was never opened for writing is not at its end yet.
    const from = await openPath(output, constants.O_RDONLY | constants.O_NONBLOCK);
    opened.push(from);
    const to = await openPath(input, constants.O_RDWR | constants.O_NONBLOCK);
    opened.push(to);
    return pipesOf(name, from, to, remove);
  } catch (error) {
    await Promise.all(opened.map((file) => closeFile(file)));
    await remove();
    throw error;
  }
}

function pipesOf(name: string, output: number, input: number, remove: () => Promise<void>): NamedPipes {
  const from = new Socket({ fd: output, readable: true, writable: false });
  const to = new Socket({ fd: input, readable: false, writable: true });
  const leave = (): Promise<void> => {
    from.destroy();
    to.destroy();
    return remove();
  };
  return { name, from, to, remove, leave };
}
