import { FactoryError } from '../../../errors/factory-error.ts';
import type { LabDefinition } from '../../../labs/lab-definition.ts';
import { homeOf } from '../container-spec.ts';
import { DOOR_FOLDER, FACTORY_FOLDER } from '../sessions/sshd-config.ts';
import { assertMountSources } from './mount-sources.ts';

/** Rejects with `LAB_INVALID` where a mount of the lab takes what no lab may have, or covers what the factory needs. */
export async function assertMountable(
  { name, container: { mounts, user } }: LabDefinition,
  forbidden: readonly string[],
): Promise<void> {
  for (const { target } of mounts) {
    const covered = [FACTORY_FOLDER, DOOR_FOLDER, homeOf(user)].find((path) =>
      `${path}/`.startsWith(`${target}/`),
    );
    if (covered === undefined && !`${target}/`.startsWith(`${FACTORY_FOLDER}/`)) continue;
    throw new FactoryError(
      'LAB_INVALID',
      `The mount ${target} of the lab ${name} covers ${covered ?? FACTORY_FOLDER}; mend container.mounts in its lab.yaml.`,
    );
  }
  await assertMountSources(
    mounts.map(({ source }) => source),
    forbidden,
  );
}
