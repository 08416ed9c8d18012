import type { AuthContext, AuthenticationType, Connection, PublicKeyAuthContext } from 'ssh2';
import type { FactoryError } from '../../errors/factory-error.ts';
import { explainRefusal } from '../../identity/explain-refusal.ts';
import type { CredentialKind, Identity, Known } from '../../identity/identity.ts';
import { KnownKeys } from '../../identity/known-keys.ts';
import type { KeyReading, PublicKey } from '../../identity/public-key.ts';
import { signatureAlgorithm, verifySignature } from '../../identity/signature.ts';
import { audit } from '../../logging/audit.ts';
import type { Logger } from '../../logging/logger.ts';
import { type Login, parseLogin } from '../../names/login.ts';
import { failureSentence } from '../failure-sentence.ts';
import type { GatewayLimits } from '../gateway-limits.ts';
import { AttemptBudget } from './attempt-budget.ts';
import type { BystanderKeys } from './bystander-keys.ts';

import { OfferedKeys } from './offered-keys.ts';

/**
 * `keyboard-interactive` lets nobody in: clients turn to it when they have no key left, and then get the whole explanation.
 * One that may not ask its user anything (`BatchMode`) gives up without a word, so the first key that is not listed is
 * explained at once, unless the user is known to get in with another one after it.
 */
const EXPLANATION: AuthenticationType = 'keyboard-interactive';

/** RFC 4252 §7. */
const METHOD_OF: Readonly<Record<CredentialKind, AuthenticationType>> = { public_key: 'publickey' };

/** Somebody who has proved who they are. */
export interface Authenticated {
  readonly login: Login;
  /** Fingerprint of the key that was used. */
  readonly fingerprint: string;
  /** Resolves with why they must go after all, where that could not be found out before they came in; never rejects. */
  readonly refusal: Promise<FactoryError | undefined> | undefined;
}

interface AuthenticatorOptions {
  readonly connection: Connection;
  readonly identity: Identity;
  readonly limits: GatewayLimits;
  readonly bystanders: BystanderKeys;
  /** "192.0.2.7:50122" */
  readonly client: string;
  readonly logger: Logger;
  /** Aborts when the connection is over. */
  readonly signal: AbortSignal;
  /** Called when the client has used up its attempts. */
  readonly giveUp: () => void;
}

/** Decides the authentication requests (RFC 4252) of one connection. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #offered = new OfferedKeys();
  readonly #budget: AttemptBudget;
  readonly #methods: readonly AuthenticationType[];
  #user: { name: string; login: Login | undefined; keys: KnownKeys } | undefined;
  /** How many keys had been offered when the refusal was last explained. */
  #explained: number | undefined;
  #authenticated: Authenticated | undefined;
  /** They have proved who they are, and may not come in: their keys are not what is to be explained. */
  #refused = false;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#budget = new AttemptBudget(options.limits);
    this.#methods = options.identity.credentials.map((kind) => METHOD_OF[kind]);
  }

  /** Defined once a request has been accepted. */
  get authenticated(): Authenticated | undefined {
    return this.#authenticated;
  }

  /** Answers one request. Never rejects. */
  async decide(context: AuthContext): Promise<void> {
    try {
      await this.#decide(context);
    } catch (error) {
      if (this.#options.signal.aborted) return;
      this.#tell(failureSentence(error, this.#options.logger));
      this.#options.giveUp();
    }
  }

  async #decide(context: AuthContext): Promise<void> {
    const { keys } = this.#userOf(context.username);
    // Started with the first request of any kind: the client's next round trip then overlaps with the sources' answer.
    const knowledge = keys.latest();
    if (!this.#budget.take(kindOf(context))) return await this.#refuseForGood();
    if (context.method === 'publickey') return await this.#decideKey(context);
    if (context.method !== EXPLANATION) return this.#reject(context);
    await knowledge;
    await this.#explain();
    this.#reject(context);
  }

  async #decideKey(context: PublicKeyAuthContext): Promise<void> {
    const { login, keys } = this.#userOf(context.username);
    const reading = this.#offered.add(context.key.data);
    const algorithm = signatureAlgorithm(context.key.algo, context.hashAlgo);
    const acceptable = reading.kind === 'usable' && algorithm !== 'ssh-rsa' && login !== undefined;
    // Also asked for the signed request: the key that is used must itself be listed, whatever was asked before it.
    const known = acceptable ? await keys.listing(reading.key) : undefined;
    if (!acceptable || known === undefined) {
      if (this.#explained === undefined && !this.#isBystander(context.username, reading))
        await this.#explain();
      return this.#reject(context);
    }
    if (this.#options.signal.aborted) return;
    if (context.signature === undefined || context.blob === undefined) {
      // The answer names the algorithm of the request (RFC 4252 §7), where ssh2 holds the key's type.
      context.key.algo = algorithm;
      return context.accept();
    }
    if (!verifySignature(reading.key, algorithm, context.blob, context.signature)) {
      this.#auditRefusal('wrong signature', 'the signature is wrong', [reading.key.fingerprint]);
      return this.#reject(context);
    }
    await this.#letIn(context, login, known, reading.key);
  }

  async #letIn(context: PublicKeyAuthContext, login: Login, known: Known, key: PublicKey): Promise<void> {
    const { identity, signal, bystanders, logger } = this.#options;
    const confirmation = await identity.confirm(login.user, known, { kind: 'public_key', key }, signal);
    if (signal.aborted) return;
    if (confirmation.kind === 'refused') {
      const { error } = confirmation;
      if (!this.#refused) {
        this.#tell(failureSentence(error, logger));
        this.#auditRefusal('login refused', error.message, [key.fingerprint]);
      }
      this.#refused = true;
      return this.#reject(context);
    }
    const refusal = confirmation.kind === 'later' ? confirmation.refusal : undefined;
    this.#authenticated ??= { login, fingerprint: key.fingerprint, refusal };
    const others = fingerprintsOf(this.#offered.all()).filter((other) => other !== key.fingerprint);
    bystanders.remember(context.username, others);
    context.accept();
  }

  #isBystander(user: string, key: KeyReading): boolean {
    return fingerprintsOf([key]).some((fingerprint) => this.#options.bystanders.has(user, fingerprint));
  }

  #userOf(name: string): { name: string; login: Login | undefined; keys: KnownKeys } {
    // ssh2 ends the connection when the name changes between requests.
    if (this.#user !== undefined) return this.#user;
    const login = parseLogin(name);
    const keys = new KnownKeys(this.#options.identity, login?.user, this.#options.signal);
    this.#user = { name, login, keys };
    return this.#user;
  }

  /** Once it was explained there is no need to ask for that again. */
  #reject(context: AuthContext): void {
    if (this.#options.signal.aborted) return;
    const isExplained = this.#refused || context.method === EXPLANATION;
    context.reject(isExplained ? [...this.#methods] : [...this.#methods, EXPLANATION]);
  }

  async #refuseForGood(): Promise<void> {
    await this.#explain();
    this.#options.giveUp();
  }

  async #explain(): Promise<void> {
    const user = this.#user;
    const offered = this.#offered.all();
    if (user === undefined || this.#refused || this.#explained === offered.length) return;
    this.#explained = offered.length;
    const knowledge = await user.keys.latest();
    if (this.#options.signal.aborted || this.#authenticated !== undefined) return;
    const fingerprints = fingerprintsOf(offered);
    const reason =
      knowledge.kind === 'known' ? 'no key of theirs is listed' : `the name is ${knowledge.kind}`;
    this.#auditRefusal('keys refused', reason, fingerprints);
    this.#tell(explainRefusal(user.name, offered, knowledge));
  }

  #auditRefusal(message: string, reason: string, fingerprints: readonly string[]): void {
    const { client, logger } = this.#options;
    const { name = '', login } = this.#user ?? {};
    const entry = { who: name, from: client, door: 'ssh', what: 'login', result: 'refused' } as const;
    audit(logger, { ...entry, reason, fingerprints }, message, { user: login?.user });
  }

  /** In the client's terminal, before anybody is logged in (RFC 4252 §5.4). */
  #tell(text: string): void {
    this.#options.connection.authBanner(text.trimEnd().replace(/\r?\n/g, '\r\n').concat('\r\n'));
  }
}

function fingerprintsOf(keys: readonly KeyReading[]): string[] {
  return keys.flatMap((key) => (key.kind === 'malformed' ? [] : [key.key.fingerprint]));
}

function kindOf(context: AuthContext): 'signed' | 'query' | 'other' {
  if (context.method !== 'publickey') return 'other';
  return context.signature === undefined ? 'query' : 'signed';
}
