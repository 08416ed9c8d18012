// @ts-check
import { existsSync } from 'node:fs';
import { chmod, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadFile, downloadText } from './download.mjs';
import { cacheFolder } from './paths.mjs';
import { HELM_VERSION, K3D_SHA256, K3D_VERSION, KUBECTL_VERSION } from './pins.mjs';
import { SetupError } from './setup-error.mjs';

/** Go's names, which the releases use. */
const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;

/**
 * The pinned k3d as its project released it.
 * @param {string} path where it goes
 * @param {import('./steps.mjs').Step} step
 * @throws {import('./download.mjs').Unreachable}
 */
export async function downloadK3d(path, step) {
  const platform = `${process.platform}-${ARCHITECTURE}`;
  const release = `https://github.com/k3d-io/k3d/releases/download/${K3D_VERSION}`;
  const sum =
    K3D_SHA256[platform] ?? publishedSum(await downloadText(`${release}/checksums.txt`), `k3d-${platform}`);
  await downloadFile(`${release}/k3d-${platform}`, path, sum, showProgress(step, `k3d ${K3D_VERSION}`));
}

/**
 * kubectl and helm for labs, as their projects released them; labs run on Linux whatever this machine is.
 * @param {{ programs: import('./programs.mjs').Programs }} context
 * @param {import('./steps.mjs').Step} step
 * @returns {Promise<{ kubectl: string, helm: string }>} paths
 */
export async function ensureReleasedTools({ programs }, step) {
  const folder = join(cacheFolder(programs.env), 'lab-tools');
  const kubectl = join(folder, `kubectl-${KUBECTL_VERSION}`);
  if (!existsSync(kubectl)) {
    const url = `https://dl.k8s.io/release/${KUBECTL_VERSION}/bin/linux/${ARCHITECTURE}/kubectl`;
    const sum = publishedSum(await downloadText(`${url}.sha256`), 'kubectl');
    await downloadFile(url, kubectl, sum, showProgress(step, 'kubectl'));
  }
  const helm = join(folder, `helm-${HELM_VERSION}`);
  if (!existsSync(helm)) await downloadHelm(folder, helm, programs, step);
  return { kubectl, helm };
}

/**
 * @param {string} folder
 * @param {string} path
 * @param {import('./programs.mjs').Programs} programs
 * @param {import('./steps.mjs').Step} step
 */
async function downloadHelm(folder, path, programs, step) {
  const name = `helm-${HELM_VERSION}-linux-${ARCHITECTURE}.tar.gz`;
  const url = `https://get.helm.sh/${name}`;
  const archive = join(folder, `${name}.${process.pid}`);
  const sum = publishedSum(await downloadText(`${url}.sha256`), name);
  await downloadFile(url, archive, sum, showProgress(step, 'helm'));
  const inside = `linux-${ARCHITECTURE}/helm`;
  try {
    await programs.run('tar', ['-xzf', archive, '-C', folder, inside]);
    await chmod(join(folder, inside), 0o755);
    await rename(join(folder, inside), path);
  } finally {
    await rm(archive, { force: true });
  }
}

/**
 * @param {string} text what sha256sum prints, or a sum alone
 * @param {string} name of the file
 */
export function publishedSum(text, name) {
  for (const line of text.split('\n')) {
    const [sum, file] = line.trim().split(/\s+/);
    if (sum && /^[0-9a-f]{64}$/.test(sum) && (!file || file.replace(/^\*/, '').split('/').at(-1) === name))
      return sum;
  }
  throw new SetupError(`There is no published sha256 for ${name}.`);
}

/**
 * @param {import('./steps.mjs').Step} step
 * @param {string} name
 */
function showProgress(step, name) {
  let shown = 0;
  return (/** @type {number} */ bytes) => {
    const tens = Math.floor(bytes / 10_000_000);
    if (tens === shown) return;
    shown = tens;
    step.note(`downloading ${name}, ${tens * 10} MB`);
  };
}
