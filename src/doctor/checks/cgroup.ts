import { type Check, MOMENT } from '../check.ts';
import { doubtful, type Judgement, right } from '../judgement.ts';

export const cgroup: Check = {
  needs: 'engine',
  limit: MOMENT,
  look: async (_, { info }) => judgeCgroup(info.CgroupVersion),
};

/** KEP-5573: kubelet gives up version 1, at first only unless it is told otherwise. */
export function judgeCgroup(version: string): Judgement {
  if (version === '2') return right('version 2');
  return doubtful(
    `version ${version === '' ? 'unknown' : version}: Kubernetes from 1.35 on refuses to run on version 1 unless it is told otherwise`,
    'sudo grubby --update-kernel=ALL --args=systemd.unified_cgroup_hierarchy=1 && sudo reboot   # Fedora and its kin',
    "sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&systemd.unified_cgroup_hierarchy=1 /' /etc/default/grub && sudo update-grub && sudo reboot   # Debian and its kin",
  );
}
