import { execa } from 'execa';
import { FactoryError } from '../../errors/factory-error.ts';

/** For a look into the user database, which may lie behind a network; ms. */
const LOOK_LIMIT = 10_000;

/** The home folder of a user of this machine. Rejects with `CONFIG_INVALID`. */
export async function homeOf(user: string): Promise<string> {
  const { stdout } = await execa('getent', ['passwd', '--', user], { reject: false, timeout: LOOK_LIMIT });
  // passwd(5): name, password, uid, gid, comment, home, shell.
  const home = stdout?.split(':')[5];
  if (home?.startsWith('/')) return home;
  throw new FactoryError(
    'CONFIG_INVALID',
    `This machine has no user ${user}; make it first (docs/operate.md, "Install"), or name another with --user.`,
  );
}
