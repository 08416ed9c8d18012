import type { AuthContext, AuthenticationType, Connection, PublicKeyAuthContext } from 'ssh2';
import { explainRefusal } from '../../identity/explain-refusal.ts';
import type { Identity } from '../../identity/identity.ts';
import type { KeyReading } from '../../identity/public-key.ts';
import { signatureAlgorithm, verifySignature } from '../../identity/signature.ts';
import type { Logger } from '../../logging/logger.ts';
import { type Login, parseLogin } from '../../names/login.ts';
import { failureSentence } from '../failure-sentence.ts';
import type { GatewayLimits } from '../gateway-limits.ts';
import { AttemptBudget } from './attempt-budget.ts';
import type { BystanderKeys } from './bystander-keys.ts';
import { KnownKeys } from './known-keys.ts';
import { OfferedKeys } from './offered-keys.ts';

/**
 * `keyboard-interactive` lets nobody in: clients turn to it when they have no key left, and then get the whole explanation.
 * One that may not ask its user anything (`BatchMode`) gives up without a word, so the first key that is not listed is
 * explained at once, unless the user is known to get in with another one after it.
 */
const METHODS: AuthenticationType[] = ['publickey', 'keyboard-interactive'];
const METHODS_AFTER_EXPLANATION: AuthenticationType[] = ['publickey'];

/** Somebody who has proved who they are. */
export interface Authenticated {
  readonly login: Login;
  /** Fingerprint of the key that was used. */
  readonly fingerprint: string;
}

interface AuthenticatorOptions {
  readonly connection: Connection;
  readonly identity: Identity;
  readonly limits: GatewayLimits;
  readonly bystanders: BystanderKeys;
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
  #user: { name: string; login: Login | undefined; keys: KnownKeys } | undefined;
  /** How many keys had been offered when the refusal was last explained. */
  #explained: number | undefined;
  #authenticated: Authenticated | undefined;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#budget = new AttemptBudget(options.limits);
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
    if (context.method !== 'keyboard-interactive') return context.reject(METHODS);
    await knowledge;
    await this.#explain();
    this.#reject(context, METHODS_AFTER_EXPLANATION);
  }

  async #decideKey(context: PublicKeyAuthContext): Promise<void> {
    const { login, keys } = this.#userOf(context.username);
    const reading = this.#offered.add(context.key.data);
    const algorithm = signatureAlgorithm(context.key.algo, context.hashAlgo);
    const acceptable = reading.kind === 'usable' && algorithm !== 'ssh-rsa' && login !== undefined;
    // Also asked for the signed request: the key that is used must itself be listed, whatever was asked before it.
    if (!acceptable || !(await keys.lists(reading.key))) {
      if (this.#explained === undefined && !this.#isBystander(context.username, reading))
        await this.#explain();
      return this.#reject(context, METHODS);
    }
    if (this.#options.signal.aborted) return;
    if (context.signature === undefined || context.blob === undefined) {
      // The answer names the algorithm of the request (RFC 4252 §7), where ssh2 holds the key's type.
      context.key.algo = algorithm;
      return context.accept();
    }
    if (!verifySignature(reading.key, algorithm, context.blob, context.signature)) {
      this.#options.logger.warn({ fingerprint: reading.key.fingerprint }, 'wrong signature');
      return this.#reject(context, METHODS);
    }
    this.#authenticated ??= { login, fingerprint: reading.key.fingerprint };
    const others = fingerprintsOf(this.#offered.all()).filter((other) => other !== reading.key.fingerprint);
    this.#options.bystanders.remember(context.username, others);
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

  #reject(context: AuthContext, methods: AuthenticationType[]): void {
    if (!this.#options.signal.aborted) context.reject(methods);
  }

  async #refuseForGood(): Promise<void> {
    await this.#explain();
    this.#options.giveUp();
  }

  async #explain(): Promise<void> {
    const user = this.#user;
    const offered = this.#offered.all();
    if (user === undefined || this.#explained === offered.length) return;
    this.#explained = offered.length;
    const knowledge = await user.keys.latest();
    if (this.#options.signal.aborted || this.#authenticated !== undefined) return;
    const fingerprints = fingerprintsOf(offered);
    this.#options.logger.info(
      { user: user.login?.user, knowledge: knowledge.kind, fingerprints },
      'keys refused',
    );
    this.#tell(explainRefusal(user.name, offered, knowledge));
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
