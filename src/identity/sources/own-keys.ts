import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Logger } from '../../logging/logger.ts';
import type { Username } from '../../names/username.ts';
import { parseAuthorizedKeys } from '../authorized-keys.ts';
import type { IdentitySource, Knowledge } from '../identity.ts';
import { isSameKey, type PublicKey } from '../public-key.ts';
import { unavailable } from '../unavailable.ts';

export interface OwnKeysOptions {
  readonly user: Username;
  /** The home folder of the person who runs the factory. */
  readonly home: string;
  /** The socket of their ssh-agent (SSH_AUTH_SOCK), if they have one. */
  readonly agentSocket: string | undefined;
  /** How long the agent may take to answer, in ms; absent: 4 s. */
  readonly agentTimeout?: number;
  readonly logger: Logger;
}

const AGENT_TIMEOUT_MS = 4_000;

const WITH_AGENT = 'They are those in ~/.ssh/*.pub and in the ssh-agent of the person who runs the factory.';
const WITHOUT_AGENT =
  'They are those in ~/.ssh/*.pub of the person who runs the factory. Their ssh-agent does not answer now, so its keys are not among them.';

/**
 * The person who runs the factory, with the keys in `~/.ssh/*.pub` and in their ssh-agent; knows nobody else. Of an agent that does
 * not answer in time nobody knows what it has: the keys in files still let them in, and without any they are `unavailable`.
 */
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
    const [files, agent] = await Promise.all([this.#readKeyFiles(signal), this.#readAgent(signal)]);
    signal.throwIfAborted();
    const keys = [...files, agent ?? ''].flatMap((text) => parseAuthorizedKeys(text).keys);
    if (agent === undefined && keys.length === 0) {
      return unavailable('the ssh-agent', user, new Error('it did not answer in time'), this.#options.logger);
    }
    return {
      kind: 'known',
      source: 'this factory',
      editHint: agent === undefined ? WITHOUT_AGENT : WITH_AGENT,
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

  /** By ssh-add: ssh2's agent client leaves out security keys. Undefined: the agent did not answer in time. */
  async #readAgent(signal: AbortSignal): Promise<string | undefined> {
    const { agentSocket, agentTimeout = AGENT_TIMEOUT_MS, logger } = this.#options;
    if (agentSocket === undefined) return '';
    const result = await execa('ssh-add', ['-L'], {
      env: { SSH_AUTH_SOCK: agentSocket },
      timeout: agentTimeout,
      cancelSignal: signal,
      stdin: 'ignore',
      reject: false,
    });
    if (!result.failed) return result.stdout;
    if (result.timedOut) {
      logger.warn('the ssh-agent did not say in time which keys it has');
      return undefined;
    }
    logger.debug({ err: result.cause, exitCode: result.exitCode }, 'no own keys in the ssh-agent');
    return '';
  }
}

function withoutRepeats(keys: readonly PublicKey[]): PublicKey[] {
  return keys.filter((key, index) => keys.findIndex((other) => isSameKey(key, other)) === index);
}
