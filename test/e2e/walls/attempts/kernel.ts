import { existsSync } from 'node:fs';
import { type Attempt, NOT_PERMITTED, NOT_PREVENTED } from '../attempt.ts';
import { LoopDevice } from '../loop-device.ts';
import { LAB, ORDINARY_POD, type Place, PRIVILEGED_POD } from '../place.ts';
import type { Scene } from '../scene.ts';
import { mountDevice, openToWrite, readDevice, systemCall } from '../words.ts';

/** What only root on the host should be able to do, by the words that do it. */
interface Right {
  readonly what: string;
  readonly words: (target: string) => string;
  /** One that every place may have, where there is one: else the privileged pod is the control. */
  readonly harmless?: string;
  readonly target: string | ((scene: Scene) => readonly string[]);
  /** Not every kernel has it: a file that is there where it does. */
  readonly onlyWith?: string;
  /** Where it is refused; absent: in the container and in an ordinary pod. */
  readonly refusedFrom?: readonly Place[];
  /** Where it is not, though nobody who is not trusted should have it. */
  readonly openFrom?: readonly Place[];
}

const ONCE = '';
const device = (scene: Scene) => (scene.device === undefined ? [] : [scene.device.node]);

/** Numbers of system calls, by the machine. */
const CALLS =
  process.arch === 'arm64'
    ? { finit_module: 273, reboot: 142, bpf: 280, keyctl: 219 }
    : { finit_module: 313, reboot: 169, bpf: 321, keyctl: 250 };

/** Those that a privileged pod has are why a cluster's admin can become root on the host. */
const RIGHTS: readonly Right[] = [
  {
    what: 'a mount',
    words: () => 'place=$(mktemp -d); mount -t tmpfs none "$place" && umount "$place"',
    target: ONCE,
  },
  { what: 'a mount namespace of its own', words: () => 'unshare --mount true', target: ONCE },
  { what: 'the namespaces of process 1', words: () => 'nsenter --target 1 --mount true', target: ONCE },
  {
    what: 'an address on a network interface',
    words: (address) => `ip addr add ${address} dev lo && ip addr del ${address} dev lo`,
    target: '198.51.100.77/32',
  },
  {
    what: "the kernel's SysRq",
    words: openToWrite,
    target: '/proc/sysrq-trigger',
    onlyWith: '/proc/sysrq-trigger',
  },
  { what: "the kernel's settings in /proc/sys", words: openToWrite, target: '/proc/sys/kernel/core_pattern' },
  {
    what: "the kernel's settings in /sys",
    words: openToWrite,
    target: '/sys/kernel/mm/transparent_hugepage/enabled',
  },
  {
    what: 'control groups',
    words: (file) => `for file in ${file}; do [ ! -e "$file" ] || : >>"$file" || exit 1; done`,
    target: '/sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/memory/cgroup.procs',
  },
  { what: "the kernel's log", words: () => 'dmesg >/dev/null', target: ONCE, refusedFrom: [LAB] },
  {
    what: 'loading a kernel module',
    words: systemCall,
    target: `${CALLS.finit_module}, -1, my $options = "", 0`,
    onlyWith: '/proc/modules',
  },
  // Without the numbers that it asks for it restarts nothing.
  { what: 'restarting the machine', words: systemCall, target: `${CALLS.reboot}, 0, 0, 0, 0` },
  // Asks for the first program there is.
  {
    what: 'programs in the kernel (BPF)',
    words: systemCall,
    target: `${CALLS.bpf}, 11, my $question = "\\0" x 120, 120`,
  },
  // Kubernetes puts no seccomp profile on a pod that asks for none.
  {
    what: "the kernel's keyrings",
    words: systemCall,
    target: `${CALLS.keyctl}, 0, -4, 0`,
    refusedFrom: [LAB],
    openFrom: [ORDINARY_POD, PRIVILEGED_POD],
  },
  {
    what: 'a user namespace',
    words: () => 'unshare --user --map-root-user true',
    target: ONCE,
    refusedFrom: [LAB],
    openFrom: [ORDINARY_POD, PRIVILEGED_POD],
  },
  {
    what: "the memory of the machine (/dev/mem), by a device node of one's own",
    words: readDevice,
    harmless: 'c:1:5',
    target: 'c:1:1',
    onlyWith: '/dev/mem',
  },
  {
    what: "the kernel's messages (/dev/kmsg), by a device node of one's own",
    words: readDevice,
    harmless: 'c:1:5',
    target: 'c:1:11',
  },
  { what: "a disk of the host, by a device node of one's own", words: readDevice, target: device },
  { what: 'a mount of a disk of the host', words: mountDevice, target: device },
];

/** Without root the test has no disk that it may try. */
export const KERNEL: readonly Attempt[] = RIGHTS.filter(
  ({ target, onlyWith }) =>
    (target !== device || LoopDevice.possible) && (onlyWith === undefined || existsSync(onlyWith)),
).flatMap(attemptsAt);

function attemptsAt({ what, words, harmless, target, ...places }: Right): readonly Attempt[] {
  const targets = typeof target === 'function' ? target : () => [target];
  const { refusedFrom = [LAB, ORDINARY_POD], openFrom = [PRIVILEGED_POD] } = places;
  const control = (from: Place) =>
    harmless === undefined ? { from: PRIVILEGED_POD, targets } : { from, targets: () => [harmless] };
  const refused = refusedFrom.map((from) => ({
    what,
    words,
    control: control(from),
    at: { from, targets },
    expected: NOT_PERMITTED,
  }));
  const open = openFrom.map((from) => ({
    what,
    words,
    control: control(from),
    at: { from, targets },
    expected: NOT_PREVENTED,
  }));
  return [...refused, ...open];
}
