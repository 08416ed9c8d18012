import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { controlGroupOf } from './control-group.ts';
import { dockerLines } from './docker.ts';
import { type DaemonPlace, EngineDaemon, engineUrl } from './engine-daemon.ts';
import { OwnHost } from './own-host.ts';
import { findSetUp, LAB_IMAGE } from './set-up.ts';

/** Loading is 1 GB of writing; ms. */
const LOADING = 300_000;
/** A prepared data-root that was made for other images goes when it is this old; ms. */
const OLD = 24 * 3_600_000;

/**
 * Makes `place.dataRoot`, with the images that the tests use on this machine. Loading them takes long, so a data-root that has
 * them is kept with what set-up keeps for this user, and copied.
 */
export async function putDataRoot(place: DaemonPlace): Promise<void> {
  const images = await wantedImages();
  const ids = await dockerLines(['image', 'inspect', '--format', '{{.Id}}', ...images]);
  const key = createHash('sha256')
    .update([...images, ...ids].join('\n'))
    .digest('hex')
    .slice(0, 16);
  const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const cache = join(cacheHome, 'ssh-lab-factory', 'test-engine');
  const kept = join(cache, key);
  if (!(await exists(kept))) await prepare(cache, kept, place, images);
  await copyDataRoot(kept, place.dataRoot);
}

async function wantedImages(): Promise<readonly string[]> {
  const { images, k3dImages } = await findSetUp();
  const pulled = ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', 'ghcr.io/k3d-io/k3d-*'];
  const ofK3d = k3dImages ? [k3dImages.tools, k3dImages.loadbalancer] : await dockerLines(pulled);
  return [...new Set([images.node, images.traefik, LAB_IMAGE, ...ofK3d])].sort();
}

async function prepare(
  cache: string,
  kept: string,
  place: DaemonPlace,
  images: readonly string[],
): Promise<void> {
  await mkdir(cache, { recursive: true });
  await removeOld(cache);
  const dataRoot = await mkdtemp(join(cache, '.new-'));
  try {
    await load({ ...place, dataRoot }, images);
    await rename(dataRoot, kept);
  } catch (error) {
    await rm(dataRoot, { recursive: true, force: true });
    // Another run may have been quicker.
    if (!(await exists(kept))) throw error;
  }
}

async function removeOld(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const folder = join(cache, name);
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > OLD) await rm(folder, { recursive: true, force: true });
  }
}

async function load(place: DaemonPlace, images: readonly string[]): Promise<void> {
  await using host = await OwnHost.start(controlGroupOf(place.dataRoot));
  const daemon = await EngineDaemon.start(host, place);
  const script = 'set -o pipefail; engine=$1; shift; docker save "$@" | docker --host "$engine" load';
  await execa('bash', ['--norc', '-c', script, 'load', engineUrl(place), ...images], { timeout: LOADING });
  await daemon.stop();
  await rm(place.run, { recursive: true, force: true });
}

/** The engine never writes to a layer that is there, so layers are copied as hard links, where the disk is the same. */
async function copyDataRoot(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    const copy = (how: string) => execa('cp', [how, join(from, name), `${to}/`], { timeout: LOADING });
    if (name === 'overlay2') {
      const linked = await copy('-al').then(
        () => true,
        () => false,
      );
      if (linked) continue;
      await rm(join(to, name), { recursive: true, force: true });
    }
    await copy('-a');
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
