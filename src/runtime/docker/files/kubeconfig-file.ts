import { createHash } from 'node:crypto';
import { runExec } from '../../../docker-engine/container-exec.ts';
import { pathStat } from '../../../docker-engine/path-stat.ts';
import { FactoryError } from '../../../errors/factory-error.ts';
import { inWords } from '../../../words/time-span.ts';
import { homeOf } from '../container-spec.ts';
import { FACTORY_FOLDER } from '../sessions/sshd-config.ts';
import type { WorkspaceObjects } from '../workspace-objects.ts';

const KUBECONFIG = `${FACTORY_FOLDER}/kubeconfig`;

/**
 * Takes the kubeconfig on standard input and puts it, the student's own, where kubectl finds it: by a link, and only where
 * there is nothing yet, so that a student's own config is never overwritten. Root gets a link, too, for sudo kubectl.
 * Arguments: the user, the user's home, the version, which is part of the file's name.
 */
const TAKE_KUBECONFIG = `
set -eu
# A container that a ContainerSSH made lacks it.
[ -d ${FACTORY_FOLDER} ] || mkdir -m 0755 ${FACTORY_FOLDER}
umask 077
file=${KUBECONFIG}
cat >"$file.$$"
chown "$1" "$file.$$"
mv "$file.$$" "$file.v-$3"
ln -s "$file.v-$3" "$file.$$"
mv "$file.$$" "$file"
for old in "$file".v-*; do [ "$old" = "$file.v-$3" ] || rm -f "$old"; done
link() {
  [ ! -e "$1/.kube/config" ] && [ ! -L "$1/.kube/config" ] || return 0
  [ -d "$1/.kube" ] || { mkdir "$1/.kube" && chown "$2:" "$1/.kube"; }
  ln -s "$file" "$1/.kube/config" && chown -h "$2:" "$1/.kube/config"
}
link "$2" "$1"
[ "$2" = /root ] || link /root root
`;

/** A shell that a student replaced may never end, and nothing else happens to the cluster meanwhile; ms. */
const PUT_LIMIT = 20_000;

/**
 * Gives the container this kubeconfig, unless it has it already: an exec takes time and processors in the very moment in
 * which a student waits for a shell, a look takes a millisecond. What a student changed in the file stays until there is a
 * new one.
 */
export async function putKubeconfig(
  objects: WorkspaceObjects,
  user: string,
  kubeconfig: string,
  signal: AbortSignal,
): Promise<void> {
  const version = createHash('sha256').update(`${user}\n${kubeconfig}`).digest('hex').slice(0, 16);
  const { engine, names } = objects;
  const found = await pathStat(engine, names.container, KUBECONFIG, signal);
  if (found?.linkTarget === `${KUBECONFIG}.v-${version}`) return;
  await put(objects, user, { kubeconfig, version }, signal);
}

async function put(
  { engine, names }: WorkspaceObjects,
  user: string,
  { kubeconfig, version }: { readonly kubeconfig: string; readonly version: string },
  signal: AbortSignal,
): Promise<void> {
  const command = ['/bin/sh', '-c', TAKE_KUBECONFIG, 'attach', user, homeOf(user), version];
  const late = AbortSignal.timeout(PUT_LIMIT);
  const { status, stderr } = await runExec(
    engine,
    { container: names.container, command, user: '0' },
    kubeconfig,
    AbortSignal.any([signal, late]),
  ).catch((thrown: unknown) => {
    throw late.aborted && !signal.aborted ? overdue(thrown) : thrown;
  });
  if (status === 0) return;
  throw new FactoryError(
    'CONTAINER_FAILED',
    'The kubeconfig could not be put into the container; see that its disk has room, or reset the container.',
    { detail: stderr },
  );
}

function overdue(cause: unknown): FactoryError {
  return new FactoryError(
    'TIMED_OUT',
    `It took more than ${inWords(PUT_LIMIT)} to put the kubeconfig into the container: the machine is busy, or a shell of the container's own does not end. It is tried again.`,
    { cause },
  );
}
