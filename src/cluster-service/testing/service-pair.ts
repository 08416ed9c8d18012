import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { EngineHost } from '../../backend/engine-host.ts';
import { createLabCatalogue } from '../../labs/lab-catalogue.ts';
import type { LabResolver } from '../../labs/lab-resolver.ts';
import { plainLabs } from '../../labs/testing/plain-labs.ts';
import { systemClock } from '../../time/clock.ts';
import { ISSUER, oneKey } from '../../tokens/testing/some-tokens.ts';
import { createTokenIssuer } from '../../tokens/token-issuer.ts';
import { createTokenVerifier } from '../../tokens/token-verifier.ts';
import type { TokenIssuer } from '../../tokens/tokens.ts';
import { lab } from '../../workspaces/testing/harness.ts';
import { gatewayAuthorization } from '../authentication.ts';
import type { ClientLimits, ClusterClientOptions } from '../cluster-client.ts';
import { type ClusterServer, startClusterServer } from '../cluster-server.ts';
import type { RunLimits } from '../operation-runs.ts';
import { openRemoteBackend, type RemoteBackend } from '../remote-backend.ts';

/** Of a client that is answered in the end, on a busy machine too; ms. */
const PATIENT: ClientLimits = {
  silence: 2_500,
  readPatience: 4_000,
  runPatience: 6_000,
  abortPatience: 8_000,
};
export const QUICK_RUNS: RunLimits = { orphaned: 1_500, kept: 5_000, mostKept: 100, mostRunning: 50 };

export interface ServicePairOptions {
  readonly host: EngineHost;
  readonly labs?: Pick<LabResolver, 'resolve'>;
  readonly limits?: RunLimits;
  /** Awaited with each question, as the engine is opened by the first ones. */
  readonly opened?: () => Promise<unknown>;
}

/** A service on a socket, which can be killed and started again, and between it and its clients a wire that can be cut. */
export class ServicePair implements AsyncDisposable {
  readonly issuer: TokenIssuer;
  readonly #options: ServicePairOptions;
  readonly #verifier: ReturnType<typeof createTokenVerifier>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'cluster-service-'));
  readonly #wire: Server;
  readonly #connections = new Set<Socket>();
  readonly #clients: RemoteBackend[] = [];
  #server: ClusterServer | undefined;

  private constructor(options: ServicePairOptions, key: Awaited<ReturnType<typeof oneKey>>) {
    this.#options = options;
    this.issuer = createTokenIssuer({ issuer: ISSUER, keys: key, clock: systemClock });
    this.#verifier = createTokenVerifier({ issuer: ISSUER, keys: key, clock: systemClock });
    this.#wire = createServer((socket) => this.#relay(socket));
  }

  static async start(options: ServicePairOptions): Promise<ServicePair> {
    const pair = new ServicePair(options, await oneKey(systemClock));
    pair.#wire.listen(join(pair.#folder, 'wire.sock'));
    await once(pair.#wire, 'listening');
    await pair.startService();
    return pair;
  }

  get connections(): number {
    return this.#connections.size;
  }

  async startService(): Promise<void> {
    this.#server = await startClusterServer({
      version: '0',
      labs: this.#options.labs ?? plainLabs(createLabCatalogue([lab])),
      host: async () => {
        await this.#options.opened?.();
        return this.#options.host;
      },
      listen: { kind: 'socket', path: join(this.#folder, 'service.sock') },
      verifier: this.#verifier,
      logger: pino({ level: 'silent' }),
      limits: this.#options.limits ?? QUICK_RUNS,
      keepAliveEvery: 100,
    });
  }

  /** Ends it in good order, and whatever it was at work on. */
  async stopService(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  /** As kill -9: nobody is told anything, and what it was at work on is over as well. */
  async killService(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.cut();
    await server?.close();
  }

  /** Every connection breaks; new ones can be made at once. */
  cut(): void {
    for (const socket of this.#connections) socket.destroy();
  }

  clientOptions(): ClusterClientOptions {
    return {
      address: { kind: 'socket', path: join(this.#folder, 'wire.sock') },
      authorization: gatewayAuthorization(this.issuer, 'gateway'),
      limits: PATIENT,
    };
  }

  /** Ended with the pair, if it was not before. */
  async client(innerAuthorizedKey = 'ssh-ed25519 AAAA'): Promise<RemoteBackend> {
    const options = { ...this.clientOptions(), innerAuthorizedKey, logger: pino({ level: 'silent' }) };
    const client = await openRemoteBackend(options, AbortSignal.timeout(10_000));
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client[Symbol.asyncDispose]();
    await this.stopService();
    this.cut();
    this.#wire.close();
    await rm(this.#folder, { recursive: true });
  }

  #relay(socket: Socket): void {
    if (this.#server === undefined) {
      socket.destroy();
      return;
    }
    const onward = connect(join(this.#folder, 'service.sock'));
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#connections.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#connections.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
