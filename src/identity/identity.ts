import type { Username } from '../names/username.ts';
import type { PublicKey } from './public-key.ts';

/** What the sources say about a user name. */
export type Knowledge =
  /** `source`: its name for people ("github.com"); `editUrl`: where the user changes the keys, if anywhere. */
  | {
      readonly kind: 'known';
      readonly source: string;
      readonly editHint: string;
      readonly keys: readonly PublicKey[];
    }
  | { readonly kind: 'unknown' }
  /** The source did not answer and nothing good was kept from before. */
  | { readonly kind: 'unavailable'; readonly source: string };

/** A place that knows users and their public keys. */
export interface IdentitySource {
  readonly name: string;
  lookup(user: Username, signal: AbortSignal): Promise<Knowledge>;
}

/** Who may log in with which keys. The first source that knows a name is the only one asked for it. */
export interface Identity {
  lookup(user: Username, signal: AbortSignal): Promise<Knowledge>;
}
