import type { ContainerEntry } from '../../../docker-engine/container-entries.ts';
import { readContainerFile } from '../../../docker-engine/container-file.ts';
import { pathStat } from '../../../docker-engine/path-stat.ts';
import type { WorkspaceObjects } from '../workspace-objects.ts';

/** All that an image's programs trust, in one file: of Debian, Alpine, Arch and their kin; of Fedora's; of SUSE. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
];
/** From where the same images make these anew, one certificate a file (update-ca-certificates(8), update-ca-trust(8)). */
const ANCHORS = [
  '/usr/local/share/ca-certificates',
  '/etc/pki/ca-trust/source/anchors',
  '/etc/pki/trust/anchors',
];
/** Debian's has 230 kB. */
const LONGEST_BUNDLE = 8 * 2 ** 20;

/**
 * What makes the programs of a container trust `root` (PEM) besides what they trust already. No program of the image runs for that,
 * so that it holds before the first start, whatever the image is; one without a trust store gets what a later one is made from.
 */
export async function trustedRoot(
  objects: WorkspaceObjects,
  root: string | undefined,
  signal: AbortSignal,
): Promise<readonly ContainerEntry[]> {
  if (root === undefined) return [];
  const [bundles, anchors] = await Promise.all([
    Promise.all(BUNDLES.map((path) => extended(objects, path, root, signal))),
    Promise.all(ANCHORS.map((folder) => anchored(objects, folder, root, signal))),
  ]);
  return [...bundles, ...anchors].flat();
}

async function extended(
  { engine, names }: WorkspaceObjects,
  path: string,
  root: string,
  signal: AbortSignal,
): Promise<readonly ContainerEntry[]> {
  const found = await pathStat(engine, names.container, path, signal);
  if (found === undefined) return [];
  const file = found.linkTarget === '' ? path : found.linkTarget;
  const wanted = { container: names.container, path: file, longest: LONGEST_BUNDLE };
  const before = await readContainerFile(engine, wanted, signal);
  if (before === undefined) return [];
  return [{ path: file, mode: 0o644, content: Buffer.concat([before, Buffer.from(`\n${root}`)]) }];
}

async function anchored(
  { engine, names }: WorkspaceObjects,
  folder: string,
  root: string,
  signal: AbortSignal,
): Promise<readonly ContainerEntry[]> {
  const isWanted =
    folder === ANCHORS[0] || (await pathStat(engine, names.container, folder, signal)) !== undefined;
  if (!isWanted) return [];
  const certificates = root.split(/(?<=-----END CERTIFICATE-----\n)/);
  return certificates.map((content, index) => ({
    path: `${folder}/ssh-lab-factory-${index + 1}.crt`,
    mode: 0o644,
    content,
  }));
}
