import type { AuthContext, AuthenticationType, PublicKeyAuthContext } from 'ssh2';
import type { FactoryError } from '../../errors/factory-error.ts';
import type { CredentialKind, Identity, Known } from '../../identity/identity.ts';
import { KnownKeys } from '../../identity/known-keys.ts';
import type { KeyReading, PublicKey } from '../../identity/public-key.ts';
import { signatureAlgorithm, verifySignature } from '../../identity/signature.ts';
import { type Login, parseLogin } from '../../names/login.ts';
import { failureSentence } from '../failure-sentence.ts';
import type { GatewayLimits } from '../gateway-limits.ts';
import { AttemptBudget } from './attempt-budget.ts';
import type { BystanderKeys } from './bystander-keys.ts';
import { fingerprintsOf, OfferedKeys } from './offered-keys.ts';
import { type ClaimedUser, EXPLANATION, Refusals, type RefusalsOptions } from './refusals.ts';

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

interface AuthenticatorOptions extends RefusalsOptions {
  readonly identity: Identity;
  readonly limits: GatewayLimits;
  readonly bystanders: BystanderKeys;
  /** Called when the client has used up its attempts. */
  readonly giveUp: () => void;
}

/** Decides the authentication requests (RFC 4252) of one connection. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #offered = new OfferedKeys();
  readonly #budget: AttemptBudget;
  readonly #refusals: Refusals;
  #user: ClaimedUser | undefined;
  #authenticated: Authenticated | undefined;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#budget = new AttemptBudget(options.limits);
    const methods = options.identity.credentials.map((kind) => METHOD_OF[kind]);
    this.#refusals = new Refusals(options, methods, this.#offered);
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
      this.#refusals.fail(failureSentence(error, this.#options.logger));
      this.#options.giveUp();
    }
  }

  async #decide(context: AuthContext): Promise<void> {
    const user = this.#userOf(context.username);
    if (!this.#budget.take(kindOf(context))) return await this.#refuseForGood(user);
    // The source is asked after the request of any kind: the client's next round trip then overlaps with its answer.
    if (context.method === 'none') {
      await this.#refusals.reject(context, user);
      void user.keys.latest();
      return;
    }
    this.#refusals.arrive();
    if (context.method === 'publickey') return await this.#decideKey(context, user);
    if (context.method === EXPLANATION) await this.#refusals.explainLast(user);
    await this.#refusals.reject(context, user);
  }

  async #decideKey(context: PublicKeyAuthContext, user: ClaimedUser): Promise<void> {
    const { login, keys } = user;
    const reading = this.#offered.add(context.key.data);
    const algorithm = signatureAlgorithm(context.key.algo, context.hashAlgo);
    const acceptable = reading.kind === 'usable' && algorithm !== 'ssh-rsa' && login !== undefined;
    // Also asked for the signed request: the key that is used must itself be listed, whatever was asked before it.
    const known = acceptable ? await keys.listing(reading.key) : undefined;
    if (!acceptable || known === undefined) {
      if (!this.#isBystander(context.username, reading)) await this.#refusals.explainFirst(user);
      return await this.#refusals.reject(context, user);
    }
    if (this.#options.signal.aborted) return;
    if (context.signature === undefined || context.blob === undefined) {
      // The answer names the algorithm of the request (RFC 4252 §7), where ssh2 holds the key's type.
      context.key.algo = algorithm;
      return context.accept();
    }
    if (!verifySignature(reading.key, algorithm, context.blob, context.signature)) {
      const { fingerprint } = reading.key;
      this.#refusals.audit(user, 'wrong signature', 'the signature is wrong', [fingerprint]);
      return await this.#refusals.reject(context, user);
    }
    await this.#letIn(context, user, login, known, reading.key);
  }

  async #letIn(
    context: PublicKeyAuthContext,
    user: ClaimedUser,
    login: Login,
    known: Known,
    key: PublicKey,
  ): Promise<void> {
    const { identity, signal, bystanders, logger } = this.#options;
    const confirmation = await identity.confirm(login.user, known, { kind: 'public_key', key }, signal);
    if (signal.aborted) return;
    if (confirmation.kind === 'refused') {
      const { error } = confirmation;
      this.#refusals.forbid(user, failureSentence(error, logger), error.message, key.fingerprint);
      return await this.#refusals.reject(context, user);
    }
    const refusal = confirmation.kind === 'later' ? confirmation.refusal : undefined;
    this.#authenticated ??= { login, fingerprint: key.fingerprint, refusal };
    const others = fingerprintsOf(this.#offered.all()).filter((other) => other !== key.fingerprint);
    this.#refusals.stop();
    bystanders.remember(context.username, others);
    context.accept();
  }

  /** Where nothing is explained, a known bystander would only show that the name is known. */
  #isBystander(user: string, key: KeyReading): boolean {
    const { bystanders, explainRefusals } = this.#options;
    if (!explainRefusals) return false;
    return fingerprintsOf([key]).some((fingerprint) => bystanders.has(user, fingerprint));
  }

  #userOf(name: string): ClaimedUser {
    // ssh2 ends the connection when the name changes between requests.
    if (this.#user !== undefined) return this.#user;
    const login = parseLogin(name);
    const keys = new KnownKeys(this.#options.identity, login?.user, this.#options.signal);
    this.#user = { name, login, keys };
    return this.#user;
  }

  async #refuseForGood(user: ClaimedUser): Promise<void> {
    await this.#refusals.explainLast(user);
    this.#options.giveUp();
  }
}

function kindOf(context: AuthContext): 'signed' | 'query' | 'other' {
  if (context.method !== 'publickey') return 'other';
  return context.signature === undefined ? 'query' : 'signed';
}
