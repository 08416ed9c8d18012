import { type Check, MOMENT } from '../check.ts';
import { doubtful, type Judgement, right, wrong } from '../judgement.ts';

/** overlayfs is what overlay2 is called where containerd keeps the images. */
const GOOD_DRIVERS = ['overlay2', 'overlayfs'];

export const storageDriver: Check = {
  needs: 'engine',
  limit: MOMENT,
  look: async (_, { info }) => judgeStorageDriver(info.Driver),
};

export function judgeStorageDriver(driver: string): Judgement {
  if (GOOD_DRIVERS.includes(driver)) return right(driver);
  const remedy = [
    'in /etc/docker/daemon.json: "storage-driver": "overlay2"',
    `sudo systemctl restart docker   # images and containers of ${driver} are not taken along`,
  ];
  if (driver === 'vfs')
    return wrong('vfs copies the whole image for each container and each node', ...remedy);
  return doubtful(`${driver}: the factory is known to work with overlay2 alone`, ...remedy);
}
