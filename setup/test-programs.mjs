// @ts-check
import { EXIT_UNAVAILABLE, SetupError } from './setup-error.mjs';

/**
 * Programs that end-to-end tests drive, with the Debian packages that bring them. `there` is a shell command that succeeds where it is
 * there; by default, that its command is found.
 * @type {readonly { command: string, package: string, there?: string }[]}
 */
const WANTED = [
  { command: 'chromium', package: 'chromium' },
  { command: 'ssh', package: 'openssh-client' },
  { command: '/usr/sbin/sshd', package: 'openssh-server' },
  { command: 'curl', package: 'curl' },
  { command: 'ip', package: 'iproute2' },
  { command: 'systemd-analyze', package: 'systemd' },
  { command: 'certutil', package: 'libnss3-tools' },
  // Debian's own python3 has the module venv, but without this package it can't put pip there.
  { command: 'python3', package: 'python3-venv', there: "python3 -c 'import ensurepip, venv'" },
];

/** @param {{ steps: import('./steps.mjs').Steps, programs: import('./programs.mjs').Programs }} context */
export async function ensureTestPrograms({ steps, programs }) {
  /** @type {string[]} */
  const missing = [];
  for (const wanted of WANTED) {
    const found = await programs.attempt('sh', ['-c', wanted.there ?? `command -v ${wanted.command}`]);
    if (found.code !== 0) missing.push(wanted.package);
  }
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new SetupError(`The tests need ${missing.join(', ')}.`, {
      hint: `sudo apt-get install ${missing.join(' ')} (or what your system calls them).`,
      exitCode: EXIT_UNAVAILABLE,
    });
  }
  await steps.run(
    `Programs for tests: ${missing.join(', ')}`,
    async () => {
      // RUNLEVEL=1: nothing of it is started; the tests run what they need themselves.
      const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
      await programs.run('apt-get', ['update'], { env });
      await programs.run('apt-get', ['install', '-y', '--no-install-recommends', ...missing], { env });
    },
    { estimate: 40_000 },
  );
}
