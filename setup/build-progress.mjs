// @ts-check
import { availableParallelism, cpus } from 'node:os';

/**
 * Seconds that each piece of the test bed takes with nothing cached, on two quiet cores (testbed/README.md).
 * @type {Readonly<Record<string, number>>}
 */
const SECONDS = {
  k3d: 45,
  kubectl: 75,
  helm: 65,
  pause: 5,
  whoami: 2,
  lb: 2,
  coredns: 60,
  traefik: 300,
  'base-bookworm': 30,
  k3s: 180,
  pebble: 20,
  'pebble-challtestsrv': 5,
  'go-ssh': 10,
  'ssh-clients-bookworm': 17,
  'ssh-clients-trixie': 20,
};
/** Putting images together from what was compiled. */
const IMAGE_SECONDS = 10;

/** What `testbed/up PIECE` makes, in its order. */
export const MAKES = {
  k3d: ['k3d', 'kubectl', 'helm'],
  whoami: ['whoami'],
  traefik: ['traefik'],
  pebble: ['pebble', 'pebble-challtestsrv'],
  'ssh-clients': ['go-ssh', 'ssh-clients-bookworm', 'ssh-clients-trixie'],
  images: ['pause', 'whoami', 'lb', 'coredns', 'traefik', 'base-bookworm', 'k3s'],
};

/** @param {string} name */
export const expectedMs = (name) => ((SECONDS[name] ?? 30) * 1_000 * 2) / coresThatHelp();

/**
 * Estimates what is left of a build from the lines that testbed/up prints. How long finished pieces took corrects
 * the table for this machine.
 * @param {readonly string[]} pieces what is to be made
 * @param {(name: string) => number} [expected] ms
 */
export function createBuildProgress(pieces, expected = expectedMs) {
  let pending = [...pieces];
  /** @type {{ name: string, since: number } | undefined} */
  let current;
  let took = 0;
  let shouldHaveTaken = 0;

  /**
   * @param {string} text a line of testbed/up
   * @param {number} now ms
   */
  function line(text, now) {
    const match = /^\s*[\d.]+ s\s+(\S+): (making|made in ([\d.]+) s)/.exec(text);
    const name = match?.[1];
    if (!name || !pending.includes(name)) return;
    if (match[3] === undefined) {
      current = { name, since: now };
      return;
    }
    took += Number(match[3]) * 1_000;
    shouldHaveTaken += expected(name);
    pending = pending.filter((piece) => piece !== name);
    current = undefined;
  }

  /** @param {number} now ms */
  function msLeft(now) {
    const scale = shouldHaveTaken > 30_000 ? Math.min(4, Math.max(0.1, took / shouldHaveTaken)) : 1;
    const all = pending.reduce((sum, name) => sum + expected(name) * scale, IMAGE_SECONDS * 1_000);
    if (!current) return all;
    // A piece that takes longer than it should is never "done": at least a tenth of it is left.
    const whole = expected(current.name) * scale;
    return all - Math.min(now - current.since, whole * 0.9);
  }

  return { line, msLeft, current: () => current?.name };
}

function coresThatHelp() {
  const cores = typeof availableParallelism === 'function' ? availableParallelism() : cpus().length;
  return Math.min(Math.max(cores, 1), 8);
}
