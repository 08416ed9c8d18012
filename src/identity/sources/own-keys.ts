import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Logger } from '../../logging/logger.ts';
import type { Username } from '../../names/username.ts';
import { parseAuthorizedKeys } from '../authorized-keys.ts';
import type { IdentitySource, Knowledge } from '../identity.ts';
import { isSameKey, type PublicKey } from '../public-key.ts';

export interface OwnKeysOptions {
  readonly user: Username;
  /** The home folder of the person who runs the factory. */
  readonly home: string;
  /** The socket of their ssh-agent (SSH_AUTH_SOCK), if they have one. */
  readonly agentSocket: string | undefined;
  readonly logger: Logger;
}

const AGENT_TIMEOUT_MS = 2_000;

/** The person who runs the factory, with the keys in `~/.ssh/*.pub` and in their ssh-agent; knows nobody else. */
export class OwnKeysSource implements IdentitySource {
  readonly name = 'own keys';
  readonly credentials = ['public_key'] as const;
  readonly #options: OwnKeysOptions;

  constructor(options: OwnKeysOptions) {
    this.#options = options;
  }

  async lookup(user: Username, signal: AbortSignal): Promise<Knowledge> {
    signal.throwIfAborted();
    if (user !== this.#options.user) return { kind: 'unknown' };
    const texts = await Promise.all([this.#readKeyFiles(signal), this.#readAgent(signal)]);
    signal.throwIfAborted();
    const keys = texts.flat().flatMap((text) => parseAuthorizedKeys(text).keys);
    return {
      kind: 'known',
      source: 'this factory',
      editHint: 'They are those in ~/.ssh/*.pub and in the ssh-agent of the person who runs the factory.',
      keys: withoutRepeats(keys),
      keysArePublic: false,
    };
  }

  async #readKeyFiles(signal: AbortSignal): Promise<string[]> {
    const folder = join(this.#options.home, '.ssh');
    try {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.pub'));
      return await Promise.all(names.map((name) => this.#readKeyFile(join(folder, name), signal)));
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'no own keys in ~/.ssh');
      return [];
    }
  }

  async #readKeyFile(path: string, signal: AbortSignal): Promise<string> {
    try {
      return await readFile(path, { encoding: 'utf8', signal });
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'could not read one of the own keys');
      return '';
    }
  }

  /** By ssh-add: ssh2's agent client leaves out security keys. */
  async #readAgent(signal: AbortSignal): Promise<string> {
    const { agentSocket, logger } = this.#options;
    if (agentSocket === undefined) return '';
    const result = await execa('ssh-add', ['-L'], {
      env: { SSH_AUTH_SOCK: agentSocket },
      timeout: AGENT_TIMEOUT_MS,
      cancelSignal: signal,
      stdin: 'ignore',
      reject: false,
    });
    if (!result.failed) return result.stdout;
    logger.debug({ err: result.cause, exitCode: result.exitCode }, 'no own keys in the ssh-agent');
    return '';
  }
}

function withoutRepeats(keys: readonly PublicKey[]): PublicKey[] {
  return keys.filter((key, index) => keys.findIndex((other) => isSameKey(key, other)) === index);
}
