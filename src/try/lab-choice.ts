import { posix } from 'node:path';
import { FactoryError } from '../errors/factory-error.ts';

/** What a person means by the LAB of `factory try`. */
export type LabChoice =
  /** A folder, or the name of a lab that comes with the program. */
  { readonly kind: 'local'; readonly text: string } | LabRepository;

/** A Git repository of labs. */
export interface LabRepository {
  readonly kind: 'repository';
  /** Without a fragment. It may hold a password: show it by `shownUrl`. */
  readonly url: URL;
  /** Of the folder in it, relative, "." for the repository itself. */
  readonly path: string;
}

/** Those by which what comes is what its owner has, or what lies on this machine. */
const SCHEMES: ReadonlySet<string> = new Set(['https:', 'ssh:', 'file:']);

/** `path`: the folder in a repository, where it is not in the URL's fragment. Throws `LAB_UNKNOWN`. */
export function parseLabChoice(text: string, path: string | undefined): LabChoice {
  if (!text.includes('://')) {
    if (path !== undefined) throw unknown('--path goes with the URL of a Git repository.');
    if (/^[\w.-]+@[\w.-]+:/.test(text)) {
      throw unknown('Write the address of the repository as a URL: ssh://git@host/group/labs.git');
    }
    return { kind: 'local', text };
  }
  const url = URL.parse(text);
  if (url === null) throw unknown(`This is no URL: ${text}`);
  const [user, fragment] = [url.username, url.hash.slice(1), url.pathname].map(decoded);
  if (!SCHEMES.has(url.protocol)) throw unknown('A repository of labs is an https, ssh or file URL.');
  // Git hands both to ssh, for which they would be options.
  if (url.hostname.startsWith('-') || user?.startsWith('-')) {
    throw unknown('Neither the host nor the user of a URL begins with a hyphen.');
  }
  if (fragment && path !== undefined) throw unknown('Give the folder by #path or by --path, not by both.');
  url.hash = '';
  return { kind: 'repository', url, path: folderInside(path ?? fragment ?? '') };
}

/** Of a part of a URL. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new FactoryError('LAB_UNKNOWN', `A % in a URL stands before two digits: ${text}`, { cause });
  }
}

/** For people and logs. */
export function shownUrl(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
}

function folderInside(path: string): string {
  const plain = posix.normalize(path === '' ? '.' : path);
  if (posix.isAbsolute(plain) || plain === '..' || plain.startsWith('../')) {
    throw unknown(`The folder ${path} is not in the repository; give it relative to the repository's own.`);
  }
  return plain;
}

function unknown(message: string): FactoryError {
  return new FactoryError('LAB_UNKNOWN', message);
}
