import { FactoryError } from '../../../errors/factory-error.ts';
import type { LabDefinition } from '../../../labs/lab-definition.ts';
import { homeOf } from '../container-spec.ts';
import { DOOR_FOLDER, FACTORY_FOLDER } from '../sessions/sshd-config.ts';
import { assertMountSources } from './mount-sources.ts';

/** What the factory has in a container; in most images /var/run is a link to /run. */
const OWN_FOLDERS = [FACTORY_FOLDER, DOOR_FOLDER, `/var${DOOR_FOLDER}`];

/** Rejects with `LAB_INVALID` where a mount of the lab takes what no lab may have, or covers what the factory needs. */
export async function assertMountable(
  { name, container: { mounts, user } }: LabDefinition,
  forbidden: readonly string[],
): Promise<void> {
  for (const { target } of mounts) {
    const covered =
      [...OWN_FOLDERS, homeOf(user)].find((path) => isBelow(path, target)) ??
      OWN_FOLDERS.find((path) => isBelow(target, path));
    if (covered === undefined) continue;
    throw new FactoryError(
      'LAB_INVALID',
      `The mount ${target} of the lab ${name} covers ${covered}; mend container.mounts in its lab.yaml.`,
    );
  }
  await assertMountSources(
    mounts.map(({ source }) => source),
    forbidden,
  );
}

/** Or the same. */
function isBelow(path: string, folder: string): boolean {
  return `${path}/`.startsWith(`${folder}/`);
}
