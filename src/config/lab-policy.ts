import type { LabName } from '../names/lab-name.ts';

/** What the configuration lets labs use. Labs may come from strangers: what it does not name they don't get. */
export interface LabPolicy {
  /** The secrets that the lab may use, by name; undefined: nobody knows, and whatever it names counts as there. */
  secretsOf(lab: LabName): Readonly<Record<string, string>> | undefined;
  /** Why the lab may not have the mount; undefined: it may. `source` is absolute and normalised. */
  mountMistake(
    lab: LabName,
    mount: { readonly source: string; readonly readOnly: boolean },
  ): string | undefined;
}

/** A secret of the configuration, read. */
export interface LabSecret {
  readonly name: string;
  readonly value: string;
  /** Who may use it; undefined: every lab. */
  readonly labs?: readonly LabName[] | undefined;
}

/** What of the host may be mounted. */
export interface AllowedMount {
  /** This and all below it; absolute and normalised. */
  readonly source: string;
  /** Whether labs may write to it. */
  readonly write: boolean;
  /** Who may have it; undefined: every lab. */
  readonly labs?: readonly LabName[] | undefined;
}

export function createLabPolicy(secrets: readonly LabSecret[], mounts: readonly AllowedMount[]): LabPolicy {
  const isFor = ({ labs }: { labs?: readonly LabName[] | undefined }, lab: LabName) =>
    labs?.includes(lab) ?? true;
  return {
    secretsOf: (lab) =>
      Object.fromEntries(secrets.filter((each) => isFor(each, lab)).map(({ name, value }) => [name, value])),
    mountMistake: (lab, { source, readOnly }) => {
      const around = mounts.filter((mount) => isFor(mount, lab) && isAtOrBelow(source, mount.source));
      if (around.length === 0)
        return "is not among the mounts that the factory's configuration allows this lab";
      if (readOnly || around.some(({ write }) => write)) return undefined;
      return "may only be read by the factory's configuration; leave read_only out, or allow writing there";
    },
  };
}

/** Without a configuration. */
export const NOTHING_ALLOWED: LabPolicy = createLabPolicy([], []);

/** For labs that are looked at without the configuration that they are for. */
export const ANYTHING_ASSUMED: LabPolicy = { secretsOf: () => undefined, mountMistake: () => undefined };

function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
