import type { FactoryError } from '../errors/factory-error.ts';
import type { Username } from '../names/username.ts';
import type { RememberedAccount } from './describe-user.ts';
import type { PublicKey } from './public-key.ts';

/** What the sources say about a user name. */
export type Knowledge =
  | {
      readonly kind: 'known';
      /** The source's name for people: "github.com". */
      readonly source: string;
      /** Where the user changes the keys: a whole sentence. */
      readonly editHint: string;
      readonly keys: readonly PublicKey[];
      /** Whether the source shows the keys to anybody, so that a refused stranger may see their fingerprints. */
      readonly keysArePublic: boolean;
    }
  | { readonly kind: 'unknown' }
  /** The source did not answer and nothing good was kept from before. `errorId`: under which the log has why. */
  | { readonly kind: 'unavailable'; readonly source: string; readonly errorId: string };

export interface LookupOptions {
  /** Ask the source again although an earlier answer would still do; a source does so at most once per 5 s and user. */
  readonly fresh?: boolean;
}

export type Known = Extract<Knowledge, { kind: 'known' }>;

/** What somebody may show to prove that a name is theirs. Further kinds come with the sources that can check them. */
export type CredentialKind = Credential['kind'];

/** What somebody has shown, and what was found to be right: of a key, the signature. */
export type Credential = { readonly kind: 'public_key'; readonly key: PublicKey };

/** Whether the person behind a name is the one who was behind it before. */
export type Confirmation =
  | { readonly kind: 'confirmed' }
  /** They may not come in; the error's sentence is for them. */
  | { readonly kind: 'refused'; readonly error: FactoryError }
  /**
   * The source does not answer, so they come in and it is asked again. `refusal` never rejects: it resolves with why they must
   * go, or with undefined where they may stay, also where that was never found out.
   */
  | { readonly kind: 'later'; readonly refusal: Promise<FactoryError | undefined> };

/** A place that knows users and their public keys. */
export interface IdentitySource {
  readonly name: string;
  /** What it can check. */
  readonly credentials: readonly CredentialKind[];
  /** Rejects only with the signal's reason, when it is aborted. */
  lookup(user: Username, signal: AbortSignal, options?: LookupOptions): Promise<Knowledge>;
  /** Whom the names mean; undefined: here a name means the same person for ever. */
  readonly accounts?: SourceAccounts | undefined;
}

/** The accounts behind the names of one source, which has an id of its own for each. */
export interface SourceAccounts extends AsyncDisposable {
  /** Rejects only with the signal's reason, when it is aborted. */
  confirm(user: Username, known: Known, credential: Credential, signal: AbortSignal): Promise<Confirmation>;
  recall(user: Username): Promise<RememberedAccount | undefined>;
  list(): Promise<readonly RememberedAccount[]>;
  /**
   * The account that the name was refused for is the right one from now on. Resolves with what was remembered before; undefined:
   * nothing was. Of a name that was not refused nothing changes.
   */
  accept(user: Username): Promise<RememberedAccount | undefined>;
}

/** Who may log in with what. The first source that knows a name is the only one asked for it. */
export interface Identity {
  /** What one of the sources or another can check. */
  readonly credentials: readonly CredentialKind[];
  /** Rejects only with the signal's reason, when it is aborted. */
  lookup(user: Username, signal: AbortSignal, options?: LookupOptions): Promise<Knowledge>;
  /**
   * Whether who is behind the name may come in by it. Only for a credential that was found to be right, as it may cost a question
   * to the source. `known`: what `lookup` gave, with the credential in it. Rejects only with the signal's reason, when it is aborted.
   */
  confirm(user: Username, known: Known, credential: Credential, signal: AbortSignal): Promise<Confirmation>;
}
