import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeNamedPipes, type NamedPipes } from './named-pipes.ts';
import { PipedSshd } from './piped-sshd.ts';

let folder: string;
let pipes: NamedPipes;
/** What is written there comes out of the exec, and the other way round. */
let exec: { stdin: PassThrough; stdout: PassThrough; duplex: Duplex };
let sshd: PipedSshd;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'piped-'));
  await open();
});
afterEach(async () => {
  sshd.destroy();
  await rm(folder, { recursive: true });
});

async function open(): Promise<void> {
  pipes = await makeNamedPipes(folder, AbortSignal.timeout(30_000));
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  exec = { stdin, stdout, duplex: Duplex.from({ readable: stdout, writable: stdin }) };
  sshd = new PipedSshd(exec.duplex, pipes);
}

/** As the container's shell does. */
const inTheContainer = (command: string) => {
  const script = 'exec 3<>"$0.in" 4<>"$0.out"; exec sh -c "$1" <"$0.in" >"$0.out" 3>&- 4>&-';
  return execa('sh', ['-c', script, join(folder, pipes.name), command], { timeout: 30_000 });
};

test('a program speaks over the pipes, and their names are gone then', async () => {
  const program = inTheContainer('echo hello; cat');
  sshd.write('written before it spoke\n');
  const all = buffer(sshd);
  await expect.poll(() => readdir(folder)).toEqual([]);
  sshd.end('the last\n');
  await program;
  exec.stdout.end();
  expect(String(await all)).toBe('hello\nwritten before it spoke\nthe last\n');
  await expect.poll(() => sshd.destroyed).toBe(true);
});

test('every byte arrives, however long and in whatever pieces, both ways', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 200_000, size: 'max' }), { maxLength: 8 }),
      async (chunks) => {
        await open();
        const program = inTheContainer('printf x; exec cat');
        const back = buffer(sshd);
        for (const chunk of chunks) sshd.write(chunk);
        sshd.end();
        await program;
        exec.stdout.end();
        expect((await back).subarray(1).equals(Buffer.concat(chunks))).toBe(true);
      },
    ),
    { numRuns: 15 },
  );
});

test('where the pipes are not opened the streams of the exec count', async () => {
  sshd.write('written before it spoke');
  exec.stdout.write('hello');
  expect(String((await once(exec.stdin, 'data'))[0])).toBe('written before it spoke');
  sshd.end();
  expect(await buffer(exec.stdin)).toHaveLength(0);
  exec.stdout.end(' you');
  expect(String(await buffer(sshd))).toBe('hello you');
  await expect.poll(() => readdir(folder)).toEqual([]);
});

test('an exec that ends and has said nothing is the end', async () => {
  exec.stdout.end();
  expect(await buffer(sshd)).toHaveLength(0);
  await expect.poll(() => readdir(folder)).toEqual([]);
});

test('bytes on the other way end both', async () => {
  const program = inTheContainer('echo hello; exec cat');
  await once(sshd, 'data');
  expect(sshd.destroyed).toBe(false);
  exec.stdout.write('nobody');
  await expect.poll(() => sshd.destroyed && exec.duplex.destroyed).toBe(true);
  // It has lost its input.
  await program;
});

test('the end waits for the exec, so that diagnostics come before it, but not for ever', async () => {
  const program = inTheContainer('echo hello');
  const all = buffer(sshd);
  const ended = vi.fn();
  sshd.once('end', ended);
  await program;
  await expect.poll(() => pipes.from.readableEnded).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).not.toHaveBeenCalled();
  expect(String(await all)).toBe('hello\n');
});

test('a reader that does not read holds up the writer', async () => {
  const program = inTheContainer('exec head -c 4000000 /dev/zero');
  await expect.poll(() => sshd.readableLength).toBeGreaterThan(0);
  const most = sshd.readableLength;
  expect(most).toBeLessThan(1_000_000);
  const all = buffer(sshd);
  await program;
  exec.stdout.end();
  expect(await all).toHaveLength(4_000_000);
});

test('without this side nothing waits in the container', async () => {
  pipes.from.destroy();
  pipes.to.destroy();
  await expect.poll(() => pipes.from.closed && pipes.to.closed).toBe(true);
  expect((await inTheContainer('cat')).exitCode).toBe(0);
});

test('a folder that is none is told', async () => {
  await expect(makeNamedPipes(join(folder, 'none'), AbortSignal.timeout(30_000))).rejects.toThrow('mkfifo');
  expect(await readdir(folder)).toHaveLength(2);
});
