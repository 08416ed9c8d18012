import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Certificate, makeCertificate } from './certificate.ts';
import { eventually } from './eventually.ts';
import { request } from './http-request.ts';
import type { LiveProgram } from './live-program.ts';
import type { PublicNetwork } from './public-network.ts';
import { makeRunFolder } from './run-folder.ts';
import { testProgram } from './set-up.ts';

/** No waits and no refusals by chance, and no validation is left out because of an earlier one. */
const ENVIRONMENT = ['PEBBLE_VA_NOSLEEP=1', 'PEBBLE_WFE_NONCEREJECT=0', 'PEBBLE_AUTHZREUSE=0'];

export interface AcmeServerOptions {
  /** Of its certificates, s; as Let's Encrypt has it: 90 days. */
  readonly validity?: number;
  /** Where it listens on the network's host. */
  readonly port?: number;
  /** Another one: `root` has what it takes to trust that as well. */
  readonly beside?: AcmeServer;
}

/**
 * Pebble, Let's Encrypt's ACME server for tests, on a public network: it tries a name at the address that the network's DNS
 * server gives, at the ports of the web. It forgets everything when it ends.
 */
export class AcmeServer implements AsyncDisposable {
  readonly directory: string;
  /** A file of certificates: the server's own, and the root of what it gives out. */
  readonly root: string;
  readonly #folder: string;
  readonly #program: LiveProgram;

  private constructor(directory: string, root: string, folder: string, program: LiveProgram) {
    this.directory = directory;
    this.root = root;
    this.#folder = folder;
    this.#program = program;
  }

  static async start(
    network: PublicNetwork,
    { validity = 90 * 24 * 3600, port = 443, beside }: AcmeServerOptions = {},
  ): Promise<AcmeServer> {
    const folder = await makeRunFolder();
    const own = await makeCertificate(folder, [network.host]);
    const file = join(folder, 'pebble.json');
    await writeFile(file, JSON.stringify({ pebble: settings(network.host, port, own, validity) }));
    const arguments_ = ['-config', file, '-dnsserver', network.dns];
    const program = network.run('env', [...ENVIRONMENT, await testProgram('pebble'), ...arguments_]);
    try {
      const root = join(folder, 'root.pem');
      const others = beside === undefined ? '' : await readFile(beside.root, 'utf8');
      await writeFile(root, [own.pem, await issuingRoot(network.host, port, own.file), others].join(''));
      return new AcmeServer(`https://${network.host}:${port}/dir`, root, folder, program);
    } catch (cause) {
      await program[Symbol.asyncDispose]();
      throw new Error(`Pebble does not come up; it said:\n${program.output}`, { cause });
    }
  }

  get log(): string {
    return this.#program.output;
  }

  /** Serial numbers of all it has given out, in hexadecimal, the oldest first. */
  get issued(): readonly string[] {
    return [...this.log.matchAll(/Issued certificate serial ([0-9a-f]+)/g)].map(([, serial = '']) => serial);
  }

  /** How many orders came to nothing, because somebody could not show that a name is theirs. */
  get refused(): number {
    return [...this.log.matchAll(/order \S+ set INVALID/g)].length;
  }

  /** How many certificates it has been asked for. */
  get orders(): number {
    return [...this.log.matchAll(/Added order/g)].length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Its management interface has no place in the protocol; it is where nothing else listens. */
function managementPort(port: number): number {
  return port + 15_000;
}

/** Pebble's configuration: docs/config in its module. */
function settings(host: string, port: number, own: Certificate, validity: number): object {
  return {
    listenAddress: `${host}:${port}`,
    managementListenAddress: `${host}:${managementPort(port)}`,
    certificate: own.file,
    privateKey: own.keyFile,
    httpPort: 80,
    tlsPort: 443,
    keyAlgorithm: 'ecdsa',
    // How long a client is to wait between two looks, s.
    retryAfter: { authz: 1, order: 1 },
    // One alone: who asks for none gets any of them.
    profiles: { default: { description: 'as the test wants it', validityPeriod: validity } },
  };
}

async function issuingRoot(host: string, port: number, caFile: string): Promise<string> {
  const target = { url: `https://${host}/roots/0`, at: { host, port: managementPort(port) }, caFile };
  return eventually(
    async () => {
      const { status, body } = await request(target);
      return status === 200 && body;
    },
    { what: 'its management interface answers', every: 50 },
  );
}
