import { execa } from 'execa';
import { PATIENCE } from './eventually.ts';
import { LiveProgram } from './live-program.ts';
import { PROGRAM } from './set-up.ts';

/** What `factory systemd-unit` prints for a configuration: each setting by its name, with all its values. */
export async function printUnit(config: string, env: Readonly<Record<string, string>>): Promise<Unit> {
  const { stdout } = await execa(process.execPath, [PROGRAM, 'systemd-unit', '--config', config], {
    env,
    timeout: PATIENCE,
  });
  return new Unit(stdout);
}

/** A unit file; paths in it must be such that systemd needs no quotes for them. */
export class Unit {
  readonly #lines: readonly string[];

  constructor(text: string) {
    this.#lines = text.split('\n');
  }

  /** The words of a setting; throws where the unit has none of that name. */
  words(name: string): readonly string[] {
    const line = this.#lines.find((candidate) => candidate.startsWith(`${name}=`));
    if (line === undefined) throw new Error(`the unit has no ${name}=`);
    return line.slice(name.length + 1).split(' ');
  }

  /** A setting of one word. */
  word(name: string): string {
    return this.words(name)[0] ?? '';
  }
}

/**
 * Runs a unit's program as systemd does, as far as that goes without systemd: nothing of the caller's environment, its
 * folder, and its rights: every file system read-only but for ReadWritePaths=, no new privileges. Even /tmp is
 * read-only here but for what the unit names in it, which is more than the unit asks for.
 */
export function startService(unit: Unit): LiveProgram {
  if (unit.word('ProtectSystem') !== 'strict' || unit.word('NoNewPrivileges') !== 'yes')
    throw new Error('the unit asks for other rights than are given here');
  const writable = unit.words('ReadWritePaths').filter((path) => path !== '/tmp');
  const environment = [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin',
    ...unit.words('Environment'),
  ];
  return new LiveProgram('unshare', [
    ...['--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])],
    ...['sh', '-euc', NARROW, 'sh', ...writable, '--'],
    ...[
      'setpriv',
      '--no-new-privs',
      'env',
      '--ignore-environment',
      `--chdir=${unit.words('WorkingDirectory').join(' ')}`,
    ],
    ...environment,
    ...unit.words('ExecStart'),
  ]);
}

/** Its arguments: the paths that stay writable, `--`, and what to run. A mount below / keeps its own rights. */
const NARROW = `
while [ "$1" != -- ]; do mount --bind "$1" "$1"; shift; done
shift
mount -o remount,bind,ro /
if touch /tmp/written 2>/dev/null; then echo 'the file system is not read-only'; exit 1; fi
exec "$@"
`;
