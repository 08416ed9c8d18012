import { keySourceUrlMistake } from '../../config/key-source-url.ts';
import { FactoryError } from '../../errors/factory-error.ts';

export interface KeyServerUrl {
  /** Ends with a slash: `new URL('alice.keys', base)`. */
  readonly base: URL;
  /** Host, port where it is not the default, and path: "github.com". */
  readonly name: string;
  /** Where users change their keys: a sentence. */
  readonly editHint: string;
}

const SETTINGS_PATHS: ReadonlyMap<string, string> = new Map([
  ['github.com', '/settings/keys'],
  ['gitlab.com', '/-/user_settings/ssh_keys'],
  ['codeberg.org', '/user/settings/keys'],
]);

/** Throws `CONFIG_INVALID`. */
export function readKeyServerUrl(text: string): KeyServerUrl {
  const base = URL.parse(text);
  const mistake = keySourceUrlMistake(text);
  if (base === null || mistake !== undefined) {
    throw new FactoryError('CONFIG_INVALID', `The URL of a key server ${mistake}.`, { detail: text });
  }
  const path = base.pathname.replace(/\/+$/, '');
  base.pathname = `${path}/`;
  return { base, name: `${base.host}${path}`, editHint: editHint(base) };
}

function editHint({ origin, hostname }: URL): string {
  const path = SETTINGS_PATHS.get(hostname);
  return path === undefined
    ? `They are changed in the SSH key settings of your account at ${origin}.`
    : `They are changed at ${origin}${path}.`;
}
