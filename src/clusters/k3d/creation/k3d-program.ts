import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ExecaError, execa } from 'execa';
import { FactoryError } from '../../../errors/factory-error.ts';

export interface K3dProgramOptions {
  /** Path of k3d, or its name on PATH. */
  readonly binary: string;
  /** k3d's home folder: what it keeps in `~/.k3d` stays with the factory's data. */
  readonly home: string;
  /** k3d's own images, where the usual ones cannot be pulled. */
  readonly images: { readonly tools?: string; readonly loadbalancer?: string };
}

export interface K3dRun {
  readonly args: readonly string[];
  /** ms */
  readonly timeout: number;
  /** Each line that k3d prints, as it comes. */
  readonly onLine: (line: string) => void;
  /** k3s as process 1 of its node; see `environment`. */
  readonly asInit: boolean;
  readonly signal: AbortSignal;
}

/**
 * Rejects with `K3D_MISSING`, or `CLUSTER_FAILED` with k3d's last lines in `detail`; ends k3d when `signal` aborts. After
 * a kill -9 of the factory k3d ends by itself: it says each step before it takes it, and nobody reads the pipe any more.
 */
export async function runK3d(options: K3dProgramOptions, run: K3dRun): Promise<void> {
  await mkdir(options.home, { recursive: true, mode: 0o700 });
  // k3d leaves a copy of each configuration in the temporary folder.
  const temporary = await mkdtemp(join(options.home, 'tmp-'));
  const child = execa(options.binary, run.args, {
    env: { ...environment(options, run.asInit), TMPDIR: temporary },
    stdin: 'ignore',
    all: true,
    timeout: run.timeout,
    cancelSignal: run.signal,
    forceKillAfterDelay: 2_000,
  });
  try {
    for await (const line of child.iterable({ from: 'all' })) run.onLine(stripVTControlCharacters(line));
    await child;
  } catch (thrown) {
    throw k3dFailure(thrown, run.signal);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * K3D_FIX_*: with any of k3d's fixes a node gets an entrypoint that drains it at each stop: bare pods and emptyDir data
 * would be lost. The fix for cgroup v2 is not needed where k3s is process 1, as it then moves itself (k3s pull request
 * 4086); k3d puts an init before it unless told not to.
 */
function environment(options: K3dProgramOptions, asInit: boolean): Record<string, string | undefined> {
  return {
    HOME: options.home,
    XDG_CONFIG_HOME: join(options.home, '.config'),
    KUBECONFIG: undefined,
    K3D_FIX_DNS: '0',
    K3D_FIX_MOUNTS: '0',
    K3D_FIX_CGROUPV2: '0',
    K3D_DEBUG_DISABLE_DOCKER_INIT: String(asInit),
    K3D_IMAGE_TOOLS: options.images.tools,
    K3D_IMAGE_LOADBALANCER: options.images.loadbalancer,
  };
}

function k3dFailure(thrown: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (!(thrown instanceof ExecaError)) return thrown;
  if (thrown.code === 'ENOENT' || thrown.code === 'EACCES') {
    return new FactoryError(
      'K3D_MISSING',
      'k3d is not there or cannot be run; install it, or set its path.',
      {
        cause: thrown,
      },
    );
  }
  const output = typeof thrown.all === 'string' ? stripVTControlCharacters(thrown.all) : '';
  const detail = output.split('\n').slice(-20).join('\n');
  const what = thrown.timedOut ? 'took too long' : 'failed';
  return new FactoryError('CLUSTER_FAILED', `k3d ${what}; the log says more.`, { cause: thrown, detail });
}
