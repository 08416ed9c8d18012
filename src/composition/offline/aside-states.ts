import { createAsideRecords } from '../../clusters/k3d/aside/aside-records.ts';
import { type AsideSite, removeOneAside } from '../../clusters/k3d/aside/set-aside.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { GarbageSite } from '../garbage.ts';

/** The states of clusters that were set aside, for the garbage collector. What is just being set aside is not among them. */
export function asideStates(site: AsideSite): GarbageSite['aside'] {
  const kept = () => createAsideRecords(site.folder).listKept();
  return {
    list: async () => (await kept()).map(({ key, cluster, at }) => ({ key, cluster, at: at.getTime() })),
    async remove(cluster, signal) {
      const aside = (await kept()).find((one) => one.cluster === cluster);
      if (aside === undefined || (await removeOneAside(site, aside, signal))) return;
      throw new FactoryError(
        'REMOVAL_INCOMPLETE',
        'A container uses a volume of it, so that is left; end the container and try again.',
      );
    },
  };
}
