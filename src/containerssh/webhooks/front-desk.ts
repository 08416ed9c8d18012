import { asFactoryError, type FactoryError } from '../../errors/factory-error.ts';
import { statusOf } from '../../http/problem.ts';
import { parseAuthorizedKeysLine } from '../../identity/authorized-keys.ts';
import type { Identity } from '../../identity/identity.ts';
import { KnownKeys } from '../../identity/known-keys.ts';
import type { LabAccess } from '../../labs/lab-decision.ts';
import { logFailure } from '../../logging/log-failure.ts';
import type { Logger } from '../../logging/logger.ts';
import { parseLogin } from '../../names/login.ts';
import { parseUsername, type Username } from '../../names/username.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import { printable } from '../../words/printable.ts';
import { type FrontLaunch, type FrontSessions, LONGEST_SAID } from '../front-sessions.ts';
import { type AskedKey, AskedKeys } from './asked-keys.ts';
import type { FrontRequest, PublicKeyRequest } from './protocol.ts';

/** What somebody gets, or in a short phrase why not; `later`: it is not known yet, ContainerSSH is to ask again. */
export type Outcome<T> =
  | ({ readonly kind: 'accepted' } & T)
  | { readonly kind: 'refused'; readonly reason: string; readonly error?: FactoryError }
  | { readonly kind: 'later'; readonly reason: string };

export interface FrontDeskOptions {
  readonly identity: Identity;
  readonly labAccess: LabAccess;
  readonly sessions: FrontSessions;
  readonly logger: Logger;
}

/**
 * Decides about those who come through a ContainerSSH. `signal` is the end of its patience with one call: what takes longer goes on, and
 * its next call joins it.
 */
export class FrontDesk {
  readonly #options: FrontDeskOptions;
  readonly #asked = new AskedKeys();

  constructor(options: FrontDeskOptions) {
    this.#options = options;
  }

  /** A question, not a login: the client may not have shown yet that it holds the key. */
  async askKey(
    { username, publicKey, connectionId }: PublicKeyRequest,
    signal: AbortSignal,
  ): Promise<Outcome<{ readonly user: Username }>> {
    const login = parseLogin(username);
    if (login === undefined) return refused('that is no user name');
    const reading = parseAuthorizedKeysLine(publicKey);
    if (reading.kind === 'unusable') return refused(reading.reason);
    if (reading.kind !== 'usable') return refused('that is no public key');
    const keys = new KnownKeys(this.#options.identity, login.user, signal);
    const known = await keys.listing(reading.key);
    if (known !== undefined) {
      const asked = { user: login.user, key: reading.key, known };
      if (!this.#asked.accepted(connectionId, asked)) return refused('too many keys on one connection');
      return { kind: 'accepted', user: login.user };
    }
    if (signal.aborted) return { kind: 'later', reason: 'the source of keys has not answered yet' };
    return refused(REASONS[(await keys.latest()).kind]);
  }

  /**
   * Which lab it is. Who they are is `authenticatedUsername`, which somebody has verified; of `username` only the lab counts, and where
   * the two are of different people it is refused.
   */
  chooseLab({
    username,
    authenticatedUsername,
    connectionId,
  }: FrontRequest): Outcome<{ readonly key: WorkspaceKey }> {
    const login = parseLogin(username);
    const who = parseUsername(authenticatedUsername ?? '');
    if (login === undefined) return refused('that is no user name');
    if (who === undefined) return refused('nobody has said who it is');
    if (who !== login.user) return refused('the name is not that of who logged in');
    if (this.#asked.of(connectionId, who).length === 0) return refused('no key of theirs was asked about');
    const decision = this.#options.labAccess.resolve(login);
    if (decision.kind === 'lab') return { kind: 'accepted', key: decision.key };
    if (decision.kind === 'refused') return refused(decision.message);
    const names = decision.labs.map(({ name }) => `${login.user}+${name}`).join(', ');
    return refused(`there are several labs, and the name says none: ${names}`);
  }

  /** The login. Its session holds a lease from here on. */
  async open(
    key: WorkspaceKey,
    request: FrontRequest,
    signal: AbortSignal,
  ): Promise<Outcome<{ readonly launch: FrontLaunch }>> {
    const { connectionId, remoteAddress, clientVersion = '' } = request;
    const connection = {
      id: connectionId,
      key,
      clientAddress: printable(remoteAddress, LONGEST_SAID),
      clientProgram: printable(clientVersion, LONGEST_SAID),
    };
    try {
      await this.#confirm(key.user, connectionId, signal);
      return { kind: 'accepted', launch: await this.#options.sessions.open(connection, signal) };
    } catch (thrown) {
      if (signal.aborted) return { kind: 'later', reason: 'the workspace is on its way' };
      const error = asFactoryError(thrown);
      // Something else is missing for now, and ContainerSSH asks again for a minute.
      if (statusOf(error) === 503) return { kind: 'later', reason: error.message };
      this.#options.sessions.close(connectionId);
      return { kind: 'refused', reason: error.message, error };
    }
  }

  /**
   * By now the client has signed with one of the keys, so its source may be asked who is behind the name. Rejects with why they may not
   * come in. Where that is found out only later, the lease ends then.
   */
  async #confirm(user: Username, connectionId: string, signal: AbortSignal): Promise<void> {
    for (const asked of this.#asked.of(connectionId, user))
      await this.#confirmKey(asked, connectionId, signal);
  }

  async #confirmKey(
    { user, key, known }: AskedKey,
    connectionId: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { identity, sessions, logger } = this.#options;
    const confirmation = await identity.confirm(user, known, { kind: 'public_key', key }, signal);
    if (confirmation.kind === 'refused') throw confirmation.error;
    if (confirmation.kind !== 'later') return;
    void confirmation.refusal.then((error) => {
      if (error === undefined) return;
      logFailure(logger, error, { user, connection: connectionId });
      sessions.close(connectionId);
    });
  }

  close(connectionId: string): void {
    this.#asked.forget(connectionId);
    this.#options.sessions.close(connectionId);
  }
}

/**
 * A source that is down is a no as well: its failures are remembered for seconds, so ContainerSSH's further tries would find the same, and
 * the student would sit before a silent terminal for 61 s for each of their keys.
 */
const REASONS = {
  known: 'the key is not listed',
  unknown: 'no source knows that name',
  unavailable: 'the source of keys does not answer',
} as const;

function refused(reason: string) {
  return { kind: 'refused', reason } as const;
}
