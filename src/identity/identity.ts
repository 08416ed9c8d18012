import type { Username } from '../names/username.ts';
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

/** A place that knows users and their public keys. */
export interface IdentitySource {
  readonly name: string;
  /** Rejects only with the signal's reason, when it is aborted. */
  lookup(user: Username, signal: AbortSignal, options?: LookupOptions): Promise<Knowledge>;
}

/** Who may log in with which keys. The first source that knows a name is the only one asked for it. */
export interface Identity {
  /** Rejects only with the signal's reason, when it is aborted. */
  lookup(user: Username, signal: AbortSignal, options?: LookupOptions): Promise<Knowledge>;
}
