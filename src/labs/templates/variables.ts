import type { Path } from '../../config/yaml-document.ts';

/** Names that stand alone; `groups` is a list. */
const PLAIN = ['username', 'environment', 'lab', 'groups', 'role', 'domain'] as const;

export const SESSION_VARIABLES = ['id', 'client_address'] as const;

/** What a template at one place may name. */
export interface Scope {
  /** As it is written: "secrets.token". */
  readonly names: readonly string[];
  /** Why a name that is known elsewhere is not known here. */
  reasonAgainst(name: string): string | undefined;
}

export interface Declared {
  /** Undefined: any may be there. */
  readonly secrets: readonly string[] | undefined;
  /** By the lab's own initialization hook. */
  readonly values: readonly string[];
}

/** What a template at `path` of a lab.yaml may name. */
export function scopeAt(path: Path, declared: Declared): Scope {
  const isHost = starts(path, ['routes', 'host']);
  const takesSecrets = mayHoldSecrets(path);
  const takesValues = !isHost && !starts(path, ['hooks', 'initialization']);
  const takesSession = starts(path, ['container', 'env']) && path.length === 3;
  const below = (of: string, names: readonly string[]) => names.map((name) => `${of}.${name}`);
  return {
    names: [
      ...PLAIN,
      ...(isHost ? [] : ['host']),
      ...(takesSecrets ? below('secrets', declared.secrets ?? []) : []),
      ...(takesValues ? below('values', declared.values) : []),
      ...(takesSession ? below('session', SESSION_VARIABLES) : []),
    ],
    reasonAgainst: (name) => {
      const [root = ''] = name.split('.');
      if (root === 'host' && isHost) return "is what this says: it can't stand in itself";
      if (root === 'secrets' && !takesSecrets) {
        return "can't be used here, where others would see it; only in container.env, files' content, hooks and the cluster's env and extraArgs";
      }
      if (root === 'values' && isHost)
        return "can't be used in a host, which must be known before the hook has answered";
      if (root === 'values' && !takesValues) return "can't be used in the hook that brings it";
      if (root === 'session' && !takesSession) {
        return 'can be used in container.env alone: all else is the same for all sessions of a workspace';
      }
      return undefined;
    },
  };
}

/** Where only the student, the receiver of a hook, or the cluster gets to see what stands there. */
function mayHoldSecrets(path: Path): boolean {
  if (starts(path, ['container', 'files'])) return path.at(-1) === 'content';
  const places = [
    ['container', 'env'],
    ['hooks'],
    ['cluster', 'env'],
    ['cluster', 'options', 'k3s', 'extraArgs'],
  ];
  return places.some((place) => starts(path, place)) && path.at(-2) !== 'nodeFilters';
}

function starts(path: Path, start: Path): boolean {
  return start.every((part, index) => path[index] === part);
}
