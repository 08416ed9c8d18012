import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { execa } from 'execa';
import { pino } from 'pino';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { FactoryError } from '../../src/errors/factory-error.ts';
import { UNEXPLAINED_REFUSAL } from '../../src/identity/explain-refusal.ts';
import type { Identity, Knowledge } from '../../src/identity/identity.ts';
import { ALICE, GatewayUnderTest, makeKey, NEVER_TOO_MANY, PATIENT, until } from './gateway-under-test.ts';

const DOWN: Knowledge = { kind: 'unavailable', source: 'the key files', errorId: 'ABCD' };
const KNOWN: Knowledge = {
  kind: 'known',
  source: 'the key files',
  editHint: 'Change them at https://example.org/keys.',
  keys: [],
  keysArePublic: true,
};
const SENTENCE = UNEXPLAINED_REFUSAL.trim();

/** alice is known from a cache; whoever else is asked for is looked for a while. All names are equally long. */
const lookup: Identity['lookup'] = async (user, _signal, { fresh = false } = {}) => {
  if (user === 'alice') return KNOWN;
  if (!fresh) await new Promise((resolve) => setTimeout(resolve, 400));
  return user === 'downs' ? DOWN : { kind: 'unknown' };
};

let plain: GatewayUnderTest;
let explaining: GatewayUnderTest;
let wrong: { readonly path: string };

beforeAll(async () => {
  plain = await GatewayUnderTest.start({ explainRefusals: false, lookup });
  explaining = await GatewayUnderTest.start({ lookup });
  wrong = await makeKey(plain.folder, 'wrong');
});

afterAll(async () => {
  await plain[Symbol.asyncDispose]();
  await explaining[Symbol.asyncDispose]();
});

/** What `ssh -v` tells its user of a refused login, and how many bytes went each way. */
async function conversation(it: GatewayUnderTest, name: string) {
  await using wire = await Wire.to(it.gateway.address.port);
  const options = ['-o', 'LogLevel=DEBUG1', ...it.options(wrong.path), '-p', String(wire.port)];
  const { exitCode, stderr } = await execa('ssh', [...options, '-l', name, '127.0.0.1', 'true'], {
    reject: false,
    stdin: 'ignore',
    timeout: 60_000,
  });
  await until(() => wire.isOver);
  const told = stderr.replaceAll(name, '<name>').replaceAll(String(wire.port), '<port>');
  return { exitCode, told, up: wire.up, down: wire.down };
}

test('where nothing is explained, a known name, an unknown one, an impossible one and one of a source that is down look the same', async () => {
  const [known, ...others] = await Promise.all(
    ['alice', 'nobod', 'al!ce', 'downs'].map((name) => conversation(plain, name)),
  );
  expect(known?.exitCode).toBe(255);
  expect(known?.told.split(SENTENCE)).toHaveLength(2);
  for (const other of others) expect(other).toEqual(known);
});

test('where it is explained they do not', async () => {
  const [known, unknown, down] = await Promise.all(
    ['alice', 'nobod', 'downs'].map((name) => conversation(explaining, name)),
  );
  expect(known?.told).toContain('https://example.org/keys');
  expect(unknown?.told).toContain('There is no user');
  expect(down?.told).toContain('does not answer now');
  expect(unknown?.down).not.toBe(known?.down);
});

test('a refusal takes as long for a name from a cache as for one that is looked for', async () => {
  // The shortest of each, which nothing else that the machine does has made longer; side by side, as both have to find a calm moment.
  let [known, unknown] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < 10 && !(Math.abs(known - unknown) < 200); round++) {
    const times = await Promise.all([refusalTimes(plain, 'alice'), refusalTimes(plain, 'nobod')]);
    known = Math.min(known, ...times[0]);
    unknown = Math.min(unknown, ...times[1]);
  }
  expect(Math.abs(known - unknown)).toBeLessThan(200);
  // The first of both would be answered at once, the second after 400 ms.
  expect(Math.min(...(await refusalTimes(explaining, 'nobod')))).toBeGreaterThan(250);
  expect(known).toBeGreaterThan(900);
});

test('who holds the right key comes in where nothing is explained, and with a wrong one before it', async () => {
  await using it = await GatewayUnderTest.start({ explainRefusals: false });
  expect(await it.ssh([ALICE, 'echo in'])).toMatchObject({ stdout: 'in', exitCode: 0 });
  const own = it.options().at(-1) ?? '';
  expect(await it.ssh(['-i', own, ALICE, 'echo in'], { key: wrong.path })).toMatchObject({ stdout: 'in' });
});

test('whose name is another account by now gets the plain sentence too', async () => {
  const error = new FactoryError('IDENTITY_CHANGED', 'This name is another account by now.');
  await using it = await GatewayUnderTest.start({
    explainRefusals: false,
    confirmation: { kind: 'refused', error },
  });
  const { exitCode, stderr } = await it.ssh([ALICE, 'true'], { asAPersonSees: true });
  expect(exitCode).toBe(255);
  expect(stderr).toContain(SENTENCE);
  expect(stderr).not.toContain('another account');
});

/** Closed out for longer than any of these tests takes. */
const THREE = { ...NEVER_TOO_MANY, closeAfter: 3, closedFor: 600_000 };

test('who failed three times is told when to come again, and may then; another address is not concerned', async () => {
  const log = new Lines();
  const logger = pino({ level: 'info' }, log);
  await using it = await GatewayUnderTest.start({ failures: THREE, logger });
  for (let time = 0; time < 3; time++) {
    expect((await it.ssh([ALICE, 'true'], { key: wrong.path })).exitCode).toBe(255);
  }
  await until(() => log.closings.length > 0);
  expect(it.gateway.closedOut()).toMatchObject([{ address: '127.0.0.1' }]);
  const refused = await it.ssh([ALICE, 'true'], { asAPersonSees: true });
  expect(refused.exitCode).toBe(255);
  expect(refused.stderr).toMatch(/Too many failed logins from your address; try again in \d+ s\./);
  expect(await it.ssh(['-b', '127.0.0.2', ALICE, 'echo in'])).toMatchObject({ stdout: 'in' });
  using _clock = ahead(THREE.closedFor);
  expect((await it.ssh([ALICE, 'true'])).exitCode).toBe(0);
  expect(it.gateway.closedOut()).toEqual([]);
  expect(log.closings).toMatchObject([{ audit: true, from: '127.0.0.1', result: 'limited' }]);
});

test('one bad laptop does not lock out the class: where somebody has logged in, others may fail', async () => {
  await using it = await GatewayUnderTest.start({ failures: THREE });
  expect((await it.ssh([ALICE, 'true'])).exitCode).toBe(0);
  for (let time = 0; time < 5; time++) await it.ssh([ALICE, 'true'], { key: wrong.path });
  expect(await it.ssh([ALICE, 'echo in'])).toMatchObject({ stdout: 'in' });
});

test('a login that fails while the source is down, and a look at whether the port is open, are no failures', async () => {
  let knowledge: Knowledge = DOWN;
  await using it = await GatewayUnderTest.start({ failures: THREE, lookup: async () => knowledge });
  for (let time = 0; time < 4; time++) {
    expect((await it.ssh([ALICE, 'true'], { key: wrong.path })).exitCode).toBe(255);
    const probe = connect({ host: '127.0.0.1', port: it.gateway.address.port });
    await once(probe, 'data');
    probe.destroy();
  }
  knowledge = { kind: 'unknown' };
  const { stderr } = await it.ssh([ALICE, 'true'], { key: wrong.path, asAPersonSees: true });
  expect(stderr).toContain('There is no user');
});

test('scanners that never get as far as a name are counted', async () => {
  await using it = await GatewayUnderTest.start({ failures: THREE });
  const told = async (): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port: it.gateway.address.port });
    socket.on('error', () => {});
    socket.end('GET / HTTP/1.1\r\n\r\n');
    const bytes: Buffer[] = [];
    socket.on('data', (data) => bytes.push(data));
    await once(socket, 'close');
    return Buffer.concat(bytes).toString('latin1');
  };
  expect(await told()).not.toContain('Too many');
  await until(async () => (await told()).includes('Too many failed logins'));
});

/** The time of day is so many ms later, until it is disposed. */
function ahead(ms: number): Disposable {
  const { now } = Date;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + ms);
  return { [Symbol.dispose]: () => clock.mockRestore() };
}

/** How long the gateway took to refuse a key, ms. */
async function refusalTimes(it: GatewayUnderTest, username: string): Promise<number[]> {
  const { private: privateKey } = ssh2.utils.generateKeyPairSync('ed25519');
  const times: number[] = [];
  const one = async (): Promise<void> => {
    const client = new ssh2.Client();
    let asked = 0;
    const over = new Promise<void>((resolve) => {
      client.once('close', () => resolve()).on('error', () => {});
    });
    client.connect({
      host: '127.0.0.1',
      port: it.gateway.address.port,
      username,
      ...PATIENT,
      authHandler: (_left, _partial, next) => {
        if (asked !== 0) {
          times.push(performance.now() - asked);
          return void client.end();
        }
        asked = performance.now();
        next({ type: 'publickey', username, key: privateKey });
      },
    });
    await over;
  };
  const logins: Promise<void>[] = [];
  for (let login = 0; login < 7; login++) {
    logins.push(one());
    // Their handshakes would get in the way of each other.
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  await Promise.all(logins);
  expect(times).toHaveLength(7);
  return times;
}

/** Between client and gateway; counts the bytes. */
class Wire implements AsyncDisposable {
  readonly #server = createServer();
  readonly #sockets = new Set<Socket>();
  up = 0;
  down = 0;
  isOver = false;
  port = 0;

  static async to(port: number): Promise<Wire> {
    const wire = new Wire();
    wire.#server.on('connection', (client) => {
      const gateway = connect({ host: '127.0.0.1', port });
      for (const socket of [client, gateway]) wire.#sockets.add(socket.on('error', () => {}));
      client.on('data', (data) => {
        wire.up += data.length;
      });
      gateway.on('data', (data) => {
        wire.down += data.length;
      });
      gateway.once('close', () => {
        wire.isOver = true;
      });
      // pipe() passes on an end, but not the end of a client that just goes.
      client.pipe(gateway).pipe(client);
      client.once('close', () => gateway.destroy());
    });
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    const address = wire.#server.address();
    if (address !== null && typeof address !== 'string') wire.port = address.port;
    return wire;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** The log; its lines of closings. */
class Lines extends Writable {
  readonly closings: unknown[] = [];

  override _write(line: Buffer, _encoding: string, done: () => void): void {
    const entry: unknown = JSON.parse(line.toString());
    if (line.includes('an address is closed out')) this.closings.push(entry);
    done();
  }
}
