import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Duplex, duplexPair, PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FactoryError } from '../../errors/factory-error.ts';
import type { ExecStream, Runtime } from '../../workspaces/ports/runtime.ts';
import { key } from '../../workspaces/testing/harness.ts';
import { MemoryHost } from '../testing/memory-host.ts';
import { ServicePair } from '../testing/service-pair.ts';

const MIB = 2 ** 20;
const signal = () => AbortSignal.timeout(20_000);
const PTY = { columns: 80, rows: 24, term: 'xterm' };

let memory: MemoryHost;
let pair: ServicePair;
let runtime: Runtime;
/** What the container does with the next stream. */
let openSshd: Runtime['openSshd'];
let exec: Runtime['exec'];

beforeEach(async () => {
  memory = new MemoryHost();
  const container = memory.world.runtime(key);
  openSshd = container.openSshd;
  exec = container.exec;
  const streams: Pick<Runtime, 'openSshd' | 'exec'> = {
    openSshd: (...args) => openSshd(...args),
    exec: (...args) => exec(...args),
  };
  const both = { ...container, ...streams };
  pair = await ServicePair.start({ host: { ...memory.host, runtime: both, runtimeFor: () => both } });
  runtime = (await pair.client()).runtime;
});
afterEach(async () => {
  await pair[Symbol.asyncDispose]();
  await memory[Symbol.asyncDispose]();
});

function sshdIs(stream: Duplex, diagnostics = ''): void {
  openSshd = async () => ({ stream, diagnostics: () => diagnostics });
}

function noise(bytes: number) {
  const hash = createHash('sha256');
  let left = bytes;
  const source = new Readable({
    read() {
      if (left === 0) return void this.push(null);
      const chunk = randomBytes(Math.min(left, 1 + Math.floor(Math.random() * 100_000)));
      left -= chunk.length;
      hash.update(chunk);
      this.push(chunk);
    },
  });
  return { source, digest: () => hash.digest('hex') };
}

/** To its end, and the other direction goes on: at times a loop over a stream destroys it at the end. */
function chunksOf(stream: Readable): AsyncIterable<Buffer> {
  return stream.iterator({ destroyOnReturn: false });
}

async function digestOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunksOf(stream)) hash.update(chunk);
  return hash.digest('hex');
}

function bytesOf(stream: Readable): Promise<Buffer> {
  return buffer(chunksOf(stream));
}

describe('sshd', () => {
  test('64 MiB each way at once arrive byte for byte', async () => {
    const [container, inside] = duplexPair();
    sshdIs(container);
    const { stream } = await runtime.openSshd(key, {}, signal());
    const up = noise(64 * MIB);
    const down = noise(64 * MIB);
    const [seenInside, seenHere] = await Promise.all([
      digestOf(inside),
      digestOf(stream),
      pipeline(up.source, stream),
      pipeline(down.source, inside),
    ]);
    expect(seenInside).toBe(up.digest());
    expect(seenHere).toBe(down.digest());
  }, 60_000);

  test('whatever the sizes of what is written, it arrives whole and in order', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(sizes, async (lengths) => {
        sshdIs(new PassThrough());
        const { stream } = await runtime.openSshd(key, {}, signal());
        const sent = lengths.map((length) => randomBytes(length));
        const echo = digestOf(stream);
        await pipeline(Readable.from(sent.filter(({ length }) => length > 0)), stream);
        expect(await echo).toBe(createHash('sha256').update(Buffer.concat(sent)).digest('hex'));
      }),
      { numRuns: 30 },
    );
  });

  test('the end of what is written is told while the other way goes on', async () => {
    const [container, inside] = duplexPair();
    sshdIs(container, 'a word of sshd');
    const { stream, diagnostics } = await runtime.openSshd(key, {}, signal());
    stream.end('last');
    expect(String(await bytesOf(inside))).toBe('last');
    inside.end('and more');
    expect(String(await bytesOf(stream))).toBe('and more');
    await expect.poll(() => diagnostics()).toBe('a word of sshd');
  });

  test('what was sent whole is there to be read also when the sender is gone', async () => {
    const [container, inside] = duplexPair();
    sshdIs(container);
    const { stream } = await runtime.openSshd(key, {}, signal());
    // More than the reader's buffer, less than that and the writer's.
    const sent = randomBytes(100_000);
    inside.end();
    stream.resume();
    for (let at = 0; at < sent.length; at += 10_000) stream.write(sent.subarray(at, at + 10_000));
    stream.end();
    await once(stream, 'close');
    await expect.poll(() => container.writableEnded).toBe(true);
    expect((await bytesOf(inside)).equals(sent)).toBe(true);
  });

  test('a reader that does not read holds up the writer, and fills no memory', async () => {
    const [container, inside] = duplexPair();
    sshdIs(container);
    const { stream } = await runtime.openSshd(key, {}, signal());
    let written = 0;
    const chunk = Buffer.alloc(64 * 1024);
    const source = new Readable({
      read() {
        written += chunk.length;
        this.push(chunk);
      },
    });
    const flowing = pipeline(source, inside).catch(() => undefined);
    await expect.poll(() => written).toBeGreaterThan(MIB);
    await settled(() => written);
    expect(written).toBeLessThan(4 * MIB);
    stream.destroy();
    source.destroy();
    await flowing;
  });

  test('it ends where either side does', async () => {
    const [one] = duplexPair();
    sshdIs(one);
    const mine = await runtime.openSshd(key, {}, signal());
    mine.stream.destroy();
    await once(one, 'close');

    const [two] = duplexPair();
    sshdIs(two);
    const theirs = await runtime.openSshd(key, {}, signal());
    const closed = once(theirs.stream, 'close');
    theirs.stream.resume();
    two.destroy();
    await closed;
  });

  test('a service that is killed ends the stream, and one that is gone is an error', async () => {
    const [container, inside] = duplexPair();
    sshdIs(container);
    const { stream } = await runtime.openSshd(key, {}, signal());
    const closed = once(stream, 'close');
    stream.resume();
    await pair.killService();
    await closed;
    inside.destroy();
    await expect(runtime.openSshd(key, {}, signal())).rejects.toMatchObject({
      code: 'CLUSTER_SERVICE_UNREACHABLE',
    });
  });

  test('what opening it fails with is the same on this side', async () => {
    openSshd = async () => {
      throw new FactoryError('CONTAINER_FAILED', 'It does not run.');
    };
    await expect(runtime.openSshd(key, {}, signal())).rejects.toMatchObject({
      code: 'CONTAINER_FAILED',
      message: 'It does not run.',
    });
  });
});

describe('a command', () => {
  function commandIs(changes: Partial<ExecStream> = {}) {
    const [io, inside] = duplexPair();
    const stderr = new PassThrough();
    const resize = vi.fn(async () => undefined);
    const close = vi.fn(() => io.destroy());
    exec = async () => ({ stdin: io, stdout: io, stderr, resize, close, exit: async () => 0, ...changes });
    return { inside, stderr, resize, close };
  }

  test('has its two outputs apart, its input, its size and its status', async () => {
    const ended = Promise.withResolvers<number>();
    const { inside, stderr, resize } = commandIs({ exit: () => ended.promise });
    const stream = await runtime.exec(key, ['cat'], PTY, signal());
    await stream.resize(100, 40);
    await expect.poll(() => resize).toHaveBeenCalledWith(100, 40);
    stream.stdin.end('in');
    expect(String(await bytesOf(inside))).toBe('in');
    inside.end('out');
    stderr.end('err');
    const outputs = Promise.all([stream.stdout.toArray(), stream.stderr.toArray()]);
    ended.resolve(3);
    expect(await stream.exit()).toBe(3);
    expect((await outputs).map((chunks) => Buffer.concat(chunks).toString())).toEqual(['out', 'err']);
  });

  test('an output that nobody reads holds up neither the other nor the input', async () => {
    const { inside, stderr } = commandIs({ exit: () => new Promise(() => undefined) });
    const stream = await runtime.exec(key, ['x'], undefined, signal());
    stderr.write(Buffer.alloc(3 * MIB));
    inside.write('still here');
    expect((await once(stream.stdout, 'data')).join('')).toBe('still here');
    stream.stdin.write('and there');
    expect((await once(inside, 'data')).join('')).toBe('and there');
    stream.close();
  });

  test('is ended where its client goes, though it reads nothing', async () => {
    const stuck = new Duplex({ read: () => undefined, write: () => undefined });
    const { close } = commandIs({ stdin: stuck, stdout: stuck, exit: () => new Promise(() => undefined) });
    const stream = await runtime.exec(key, ['x'], undefined, signal());
    stream.stdin.write(Buffer.alloc(4 * MIB));
    await delay(50);
    expect(close).not.toHaveBeenCalled();
    stream.close();
    await expect.poll(() => close).toHaveBeenCalled();
  });

  test('a status that never comes is an error', async () => {
    commandIs({ exit: () => new Promise(() => undefined) });
    const stream = await runtime.exec(key, ['x'], undefined, signal());
    stream.stdout.resume();
    await pair.killService();
    await expect(stream.exit()).rejects.toMatchObject({ code: 'CLUSTER_SERVICE_UNREACHABLE' });
  });
});

/** Resolves when `value` has not changed for a while. */
async function settled(value: () => number): Promise<void> {
  for (let before = -1; before !== value(); ) {
    before = value();
    await delay(200);
  }
}
