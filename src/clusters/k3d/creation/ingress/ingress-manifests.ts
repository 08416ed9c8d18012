import { Document, Scalar, visit } from 'yaml';
import type { AcmeAuthority } from '../../../../acme/acme-authority.ts';
import type { ClusterDefinition } from '../../../../labs/lab-definition.ts';
import type { ClusterNetwork } from '../../network/cluster-network.ts';
import { packagedTraefik } from '../../nodes/running-server.ts';
import { acmeConfigMaps } from './acme-config-map.ts';
import { challengeConfigMap } from './challenge-route.ts';
import { traefikValues } from './traefik-values.ts';
import { trustedProxies } from './trusted-proxies.ts';

/** What k3s applies to the cluster at each start (docs.k3s.io/installation/packaged-components, "auto-deploying manifests"). */
export interface Manifest {
  /** Absolute, in a server node. */
  readonly path: string;
  /** YAML */
  readonly text: string;
}

const MANIFESTS = '/var/lib/rancher/k3s/server/manifests';
/** k3s applies them in the order of their names, and this is before `traefik.yaml`: Traefik starts once, not twice. */
export const TRAEFIK_CONFIG = `${MANIFESTS}/traefik-config.yaml`;

/** Texts that may stand as they are or as a block of lines. */
const PLAIN = /^[\x21-\x7e][\x20-\x7e\n]*$/;

/** What makes a cluster's ingress ready for certificates by `authority`. */
export function ingressManifests(
  authority: AcmeAuthority,
  definition: ClusterDefinition,
  network: ClusterNetwork,
): readonly Manifest[] {
  const args = argsOf(definition);
  const traefik = packagedTraefik(args);
  const ofTraefik = traefik === undefined ? [] : [challengeConfigMap()];
  const configMaps = {
    path: `${MANIFESTS}/acme.yaml`,
    text: documents([...acmeConfigMaps(authority), ...ofTraefik]),
  };
  if (traefik === undefined) return [configMaps];
  const values = traefikValues({ authority, proxies: trustedProxies(args, network), ...traefik });
  return [configMaps, { path: TRAEFIK_CONFIG, text: documents([helmChartConfig(values)]) }];
}

/** Whether one of them configures the Traefik that k3s brings. */
export function hasTraefikConfig(definition: ClusterDefinition): boolean {
  return packagedTraefik(argsOf(definition)) !== undefined;
}

function argsOf({ options }: ClusterDefinition): readonly string[] {
  return options.k3s.extraArgs.map(({ arg }) => arg);
}

/** k3s's Helm controller merges it into the values of the packaged chart of that name. */
function helmChartConfig(values: object): object {
  return {
    apiVersion: 'helm.cattle.io/v1',
    kind: 'HelmChartConfig',
    metadata: { name: 'traefik', namespace: 'kube-system' },
    spec: { valuesContent: yaml(values) },
  };
}

function documents(objects: readonly object[]): string {
  return objects.map(yaml).join('---\n');
}

/** Quoted for readers of YAML 1.1 as well, as those of Kubernetes are. */
function yaml(value: object): string {
  const document = new Document(value, { version: '1.1' });
  visit(document, {
    Scalar: (_key, scalar) => {
      // The library writes others as blocks too, and takes their first blanks for indentation.
      if (typeof scalar.value === 'string' && !PLAIN.test(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY });
}
