// @ts-check
import { EXIT_UNAVAILABLE, SetupError } from './setup-error.mjs';

/** Programs that end-to-end tests drive, with the Debian packages that bring them. */
const WANTED = [
  { command: 'chromium', package: 'chromium' },
  { command: 'ssh', package: 'openssh-client' },
  { command: '/usr/sbin/sshd', package: 'openssh-server' },
  { command: 'curl', package: 'curl' },
  { command: 'ip', package: 'iproute2' },
  { command: 'systemd-analyze', package: 'systemd' },
  { command: 'certutil', package: 'libnss3-tools' },
];

/** @param {{ steps: import('./steps.mjs').Steps, programs: import('./programs.mjs').Programs }} context */
export async function ensureTestPrograms({ steps, programs }) {
  /** @type {string[]} */
  const missing = [];
  for (const wanted of WANTED) {
    const found = await programs.attempt('sh', ['-c', `command -v ${wanted.command}`]);
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
