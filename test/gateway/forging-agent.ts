import ssh2, {
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';

/** An agent that offers one key again and again, and whose signatures are wrong but for the last. */
export class ForgingAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #key: ParsedKey;
  readonly #wrong: number;
  /** How many signatures it was asked for. */
  signed = 0;

  constructor(key: ParsedKey, wrong: number) {
    super();
    this.#key = key;
    this.#wrong = wrong;
  }

  override getIdentities(found: IdentityCallback<ParsedKey>): void {
    found(
      undefined,
      Array.from({ length: this.#wrong + 1 }, () => this.#key),
    );
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    this.signed += 1;
    const signature = this.#key.sign(this.signed > this.#wrong ? data : 'something else');
    const done = typeof options === 'function' ? options : callback;
    done?.(undefined, signature);
  }
}
