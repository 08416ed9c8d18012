import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { pino } from 'pino';
import type { FailedLoginsConfig, SshConfig } from '../../src/config/factory-config.ts';
import { DEFAULT_LIFECYCLE } from '../../src/config/lifecycle-values.ts';
import type { ClusterWords } from '../../src/gateway/commands/cluster.ts';
import type { LabDoor } from '../../src/gateway/door/lab-door.ts';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import type { GatewayLimits } from '../../src/gateway/gateway-limits.ts';
import { type HostKey, openHostKeys } from '../../src/gateway/keys/host-keys.ts';
import { openInnerKey } from '../../src/gateway/keys/inner-key.ts';
import { parseAuthorizedKeys } from '../../src/identity/authorized-keys.ts';
import type { Confirmation, Identity, Knowledge } from '../../src/identity/identity.ts';
import type { LabDecision } from '../../src/labs/lab-decision.ts';
import type { LabDefinition } from '../../src/labs/lab-definition.ts';
import { labNamed } from '../../src/labs/testing/lab-named.ts';
import type { Logger } from '../../src/logging/logger.ts';
import type { Login } from '../../src/names/login.ts';
import { systemClock } from '../../src/time/clock.ts';
import { FakeWorkspaces } from './fake-workspaces.ts';
import { createInnerSshd, type InnerSshd } from './inner-sshd.ts';

export interface Setup {
  readonly limits?: Partial<GatewayLimits>;
  readonly explainRefusals?: boolean;
  /** Absent: logins may fail as often as the tests like. */
  readonly failures?: FailedLoginsConfig;
  /** Of all whom the sources know; absent: alice's, and nobody else's. */
  readonly lookup?: Identity['lookup'];
  readonly logger?: Logger;
  /** Lines of authorized_keys that let alice in beside the harness' own key. */
  readonly moreKeys?: readonly string[];
  readonly resolve?: (login: Login) => LabDecision;
  /** Its sockets are in the folder `door` of the harness'. */
  readonly door?: LabDoor['connect'];
  readonly runCluster?: ClusterWords;
  /** Absent: some that all tests of the process share. */
  readonly hostKeys?: readonly HostKey[];
  /** What becomes of alice once her key was found to be right; absent: she comes in. */
  readonly confirmation?: Confirmation;
  readonly keyExchange?: SshConfig['keyExchange'];
}

export interface SshOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** The private key's path, in the place of alice's own. */
  readonly key?: string;
  /** With what ssh itself says, the banner too. */
  readonly asAPersonSees?: boolean;
}

export interface SshResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

/** A gateway on a free port, with a folder for keys, and the real ssh against it. */
export class GatewayUnderTest implements AsyncDisposable {
  readonly folder: string;
  readonly gateway: Gateway;
  readonly workspaces: FakeWorkspaces;
  readonly sshd: InnerSshd;
  readonly lookups: string[];
  /** Whose accounts were asked about. */
  readonly confirmed: string[];

  private constructor(
    folder: string,
    gateway: Gateway,
    workspaces: FakeWorkspaces,
    sshd: InnerSshd,
    lookups: string[],
    confirmed: string[],
  ) {
    this.folder = folder;
    this.gateway = gateway;
    this.workspaces = workspaces;
    this.sshd = sshd;
    this.lookups = lookups;
    this.confirmed = confirmed;
  }

  static async start({
    limits,
    explainRefusals = true,
    failures = NEVER_TOO_MANY,
    lookup,
    logger,
    moreKeys = [],
    resolve,
    door,
    runCluster,
    hostKeys,
    confirmation = { kind: 'confirmed' },
    keyExchange = 'compatible',
  }: Setup = {}): Promise<GatewayUnderTest> {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-test-'));
    const innerKey = await openInnerKey(folder);
    const sshd = await createInnerSshd(folder, innerKey.publicKey);
    const workspaces = new FakeWorkspaces(async () => sshd.open());
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(folder, 'id')]);
    const own = await readFile(join(folder, 'id.pub'), 'utf8');
    const doorFolder = join(folder, 'door');
    await mkdir(doorFolder);
    const lookups: string[] = [];
    const confirmed: string[] = [];
    const gateway = await createGateway({
      listen: { host: '127.0.0.1', port: 0 },
      keyExchange,
      publicHost: 'lab.example.org',
      hostKeys: hostKeys ?? (await sharedKeys()),
      innerPrivateKey: innerKey.privateKey,
      identity: {
        ...identityOf([own, ...moreKeys].join('\n'), lookups),
        ...(lookup === undefined ? {} : { lookup }),
        confirm: async (user) => {
          confirmed.push(user);
          return confirmation;
        },
      },
      labAccess: {
        resolve:
          resolve ??
          ((login) => ({
            kind: 'lab',
            key: { user: login.user, lab: LAB.name },
            lab: LAB,
            others: [],
          })),
      },
      workspaces,
      ...(door === undefined ? {} : { door: { folder: doorFolder, connect: door } }),
      runCluster,
      clock: systemClock,
      logger: logger ?? pino({ level: process.env.GATEWAY_LOG ?? 'silent' }, pino.destination(2)),
      logins: { explainRefusals, failures },
      ...(limits === undefined ? {} : { limits }),
    });
    return new GatewayUnderTest(folder, gateway, workspaces, sshd, lookups, confirmed);
  }

  /** The options that every client needs; with no agent and none of the machine's own keys or configuration. */
  options(key = join(this.folder, 'id')): string[] {
    return [
      '-F',
      'none',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'LogLevel=ERROR',
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      'IdentityAgent=none',
      '-i',
      key,
    ];
  }

  get port(): string {
    return String(this.gateway.address.port);
  }

  /** `ssh <args>`; `ALICE` is among them. Never rejects because of the exit status; stdin is empty without `input`. */
  async ssh(args: readonly string[], options: SshOptions = {}): Promise<SshResult> {
    const { stdout, stderr, exitCode } = await this.sshBytes(args, options);
    return { stdout: text(stdout), stderr: text(stderr), exitCode };
  }

  async sshBytes(args: readonly string[], { input, env = {}, key, asAPersonSees }: SshOptions = {}) {
    const level = asAPersonSees ? ['-o', 'LogLevel=INFO'] : [];
    return await execa('ssh', [...level, ...this.options(key), '-p', this.port, ...args], {
      reject: false,
      timeout: 120_000,
      encoding: 'buffer',
      maxBuffer: 1e9,
      env,
      ...(input === undefined ? { stdin: 'ignore' } : { input }),
    });
  }

  /** A client that goes on until the test ends it. */
  spawn(args: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn('ssh', [...this.options(), '-p', this.port, ...args]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.close(0, 'The test is over.');
    for (const child of this.sshd.processes) child.kill('SIGKILL');
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export const ALICE = 'alice@127.0.0.1';

/** For clients of ssh2, which else give up a login after 20 s: a busy machine takes its time. */
export const PATIENT = { readyTimeout: 60_000 };

/** Waits until `condition` holds; fails after `deadline` ms. */
export async function until(condition: () => boolean | Promise<boolean>, deadline = 30_000): Promise<void> {
  const end = Date.now() + deadline;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function makeKey(
  folder: string,
  name: string,
  type = 'ed25519',
): Promise<{ path: string; line: string }> {
  const path = join(folder, name);
  await execa('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', name, '-f', path]);
  return { path, line: await readFile(`${path}.pub`, 'utf8') };
}

export const NEVER_TOO_MANY: FailedLoginsConfig = {
  within: 600_000,
  slowAfter: 0,
  closeAfter: 0,
  closedFor: 30_000,
  longest: 600_000,
  exempt: [],
};

const LAB: LabDefinition = {
  ...labNamed('k3s'),
  description: 'A cluster of your own',
  folder: '/labs/k3s',
  container: {
    ...labNamed('k3s').container,
    user: 'root',
    limits: { memory: 1, cpus: 1, pids: 1 },
  },
  cluster: undefined,
  lifecycle: { ...DEFAULT_LIFECYCLE, grace: 0, stopAfter: undefined },
};

/** RSA takes a second to make, so all tests of a process share the host keys. */
let sharedHostKeys: Promise<readonly HostKey[]> | undefined;
function sharedKeys(): Promise<readonly HostKey[]> {
  sharedHostKeys ??= mkdtemp(join(tmpdir(), 'gateway-host-keys-')).then(async (folder) => {
    const keys = await openHostKeys(folder);
    await rm(folder, { recursive: true });
    return keys;
  });
  return sharedHostKeys;
}

function identityOf(authorizedKeys: string, lookups: string[]): Omit<Identity, 'confirm'> {
  const alice: Knowledge = {
    kind: 'known',
    source: 'the key files',
    editHint: 'Change them at https://example.org/keys.',
    keys: parseAuthorizedKeys(authorizedKeys).keys,
    keysArePublic: true,
  };
  return {
    credentials: ['public_key'],
    lookup: async (user) => {
      lookups.push(user);
      return user === 'alice' ? alice : { kind: 'unknown' };
    },
  };
}

/** As a person reads it: without the last line's end. */
function text(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString()
    .replace(/\r?\n$/, '');
}
