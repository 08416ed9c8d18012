import { createHash, createPrivateKey } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { certificatesIn } from '../acme/pem.ts';
import { readRegularFile } from '../config/regular-file.ts';
import { dataFolderFailure } from '../data-folder/data-folder-failure.ts';
import { writeDurably } from '../data-folder/write-durably.ts';
import { FactoryError } from '../errors/factory-error.ts';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import { wait } from '../time/wait.ts';
import { namesOf } from './certificate-names.ts';
import { makeFolderForTraefik } from './folder-for-traefik.ts';
import type { PlacedCertificate } from './own-name-rules.ts';
import { CERTIFICATE_MOUNT } from './traefik-options.ts';

export interface OwnCertificateOptions {
  /** The operator's PEM files, absolute. Whoever renews them replaces them. */
  readonly files: { readonly certificate: string; readonly key: string };
  /** The name that they are for. */
  readonly host: string;
  /** What Traefik sees at `CERTIFICATE_MOUNT`; see `makeCertificateFolder`. */
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often the files are looked at; ms. */
  readonly lookEvery?: number;
}

/** ms. A certificate is renewed days before its end. */
const LOOK_EVERY = 30_000;
/** Whoever renews it writes one file after the other, which may be just when a factory starts. */
const FIRST_LOOKS = { most: 20, every: 250 } as const;
/** Bytes. */
const LARGEST_PEM = 2 ** 20;

/** Where Traefik finds what is copied for it. */
export function makeCertificateFolder(folder: string): Promise<void> {
  return makeFolderForTraefik(folder, 'read');
}

/**
 * The certificate of the factory's own name and its key, copied to where Traefik reads them: each pair under a name of its own, so
 * that Traefik never sees the one of a pair with the other of the next. The operator's files are looked at again and again, and
 * a pair that was renewed is taken over; what is no such pair (half of it is written) is not, until it is.
 */
export class OwnCertificate implements AsyncDisposable {
  readonly #options: OwnCertificateOptions;
  #pair: Pair;
  #refused = '';
  #nextLook: Disposable | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(options: OwnCertificateOptions, pair: Pair) {
    this.#options = options;
    this.#pair = pair;
  }

  /**
   * Rejects with `CONFIG_INVALID` where the files are no certificate for the name with its key and stay so for some seconds, or until
   * `signal` aborts; and as `dataFolderFailure` says.
   */
  static async open(options: OwnCertificateOptions, signal: AbortSignal): Promise<OwnCertificate> {
    const pair = await firstPair(options, signal);
    await place(options.folder, pair).catch((cause: unknown) => {
      throw dataFolderFailure('The copy of the certificate for Traefik can not be written', cause);
    });
    return new OwnCertificate(options, pair);
  }

  /** As Traefik sees it. */
  get placed(): PlacedCertificate {
    const { digest, isWider } = this.#pair;
    const path = join(CERTIFICATE_MOUNT, digest);
    return { certificate: `${path}.crt`, key: `${path}.key`, isWider };
  }

  /**
   * From now on, when Traefik uses `placed`, renewed files are taken over.
   *
   * @param publish resolves when Traefik uses the `placed` of now; called again later where it rejects
   */
  follow(publish: () => Promise<void>): void {
    if (this.#isClosed) return;
    this.#nextLook = this.#options.clock.schedule(this.#options.lookEvery ?? LOOK_EVERY, () => {
      this.#looking = this.#look(publish).finally(() => this.follow(publish));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#nextLook?.[Symbol.dispose]();
    await this.#looking;
  }

  async #look(publish: () => Promise<void>): Promise<void> {
    const { folder, host, logger } = this.#options;
    const before = this.#pair;
    try {
      const pair = await readPair(this.#options);
      this.#refused = '';
      if (pair.digest !== before.digest) {
        await place(folder, pair);
        this.#pair = pair;
        await publish();
        logger.info({ host }, 'the renewed certificate of the own name is in use');
      }
      await removeOthers(folder, pair);
    } catch (error) {
      // The next look finds it new again.
      this.#pair = before;
      this.#warnOnce(reasonOf(error));
    }
  }

  #warnOnce(reason: string): void {
    if (reason === this.#refused) return;
    this.#refused = reason;
    const { host, logger } = this.#options;
    logger.warn({ host, reason }, 'the certificate of the own name changed and is not taken over yet');
  }
}

interface Pair {
  readonly certificate: string;
  readonly key: string;
  readonly digest: string;
  readonly isWider: boolean;
}

async function firstPair(options: OwnCertificateOptions, signal: AbortSignal): Promise<Pair> {
  const { host, clock, logger } = options;
  for (let looks = 1; ; looks++) {
    try {
      return await readPair(options);
    } catch (cause) {
      const reason = reasonOf(cause);
      if (looks === FIRST_LOOKS.most || signal.aborted) {
        const message = `The certificate of ${host} can't be used (${reason}); mend web.tls.`;
        throw new FactoryError('CONFIG_INVALID', message, { cause });
      }
      if (looks === 1)
        logger.warn({ host, reason }, "the certificate of the own name can't be used; looking again");
    }
    await wait(FIRST_LOOKS.every, clock, signal);
  }
}

async function readPair({ files, host }: OwnCertificateOptions): Promise<Pair> {
  const [certificate, key] = await Promise.all(
    [files.certificate, files.key].map(async (file) => (await readRegularFile(file, LARGEST_PEM)).toString()),
  );
  const [own] = certificatesIn(certificate ?? '');
  if (own === undefined) throw new Error('there is no certificate in it');
  if (own.checkHost(host) === undefined) throw new Error('it is for another name');
  if (!own.checkPrivateKey(privateKeyIn(key ?? ''))) throw new Error('the key is not its own');
  return {
    certificate: certificate ?? '',
    key: key ?? '',
    digest: createHash('sha256')
      .update(JSON.stringify([certificate, key]))
      .digest('hex')
      .slice(0, 32),
    isWider: namesOf(own).some((name) => name !== host),
  };
}

/** The cause stays out of the error: what OpenSSL says of a key is nobody's. */
function privateKeyIn(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error('the key is none (PEM, without a passphrase)');
  }
}

async function place(folder: string, { certificate, key, digest }: Pair): Promise<void> {
  await makeCertificateFolder(folder);
  await writeDurably(join(folder, `${digest}.crt`), certificate, 0o644);
  await writeDurably(join(folder, `${digest}.key`), key, 0o644);
}

async function removeOthers(folder: string, { digest }: Pair): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${digest}.`)) await rm(join(folder, name), { force: true });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
