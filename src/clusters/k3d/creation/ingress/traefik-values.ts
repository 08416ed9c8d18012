import type { AcmeAuthority } from '../../../../acme/acme-authority.ts';
import { resolverOptions } from '../../../../acme/traefik-resolver.ts';
import { ACME_CONFIG_MAP } from './acme-config-map.ts';
import {
  CHALLENGE_CONFIG_MAP,
  CHALLENGE_ENTRY_POINT,
  CHALLENGE_FOLDER,
  CHALLENGE_OPTIONS,
} from './challenge-route.ts';

/** Where the ConfigMap is in Traefik's container. */
const AUTHORITY_FOLDER = '/acme';
/** Where the chart mounts its claim unless told otherwise. */
const DATA_FOLDER = '/data';

/** Traefik's certificate resolvers, by the ACME challenge (RFC 8555 §8.3, RFC 8737) that they answer. */
const CHALLENGES = {
  'acme-http': `httpchallenge.entrypoint=${CHALLENGE_ENTRY_POINT}`,
  'acme-tls': 'tlschallenge=true',
};

export interface TraefikValuesInput {
  readonly authority: AcmeAuthority;
  readonly proxies: readonly string[];
  readonly claims: boolean;
}

/**
 * Values for the chart of Traefik that k3s packages (github.com/traefik/traefik-helm-chart, traefik/values.yaml); only such
 * as its versions of the last years all have. `proxies`: networks whose X-Forwarded-* are believed, over HTTP alone: TLS is
 * passed through unopened, so what comes inside is what the client sent. `claims`: whether it can have a volume.
 */
export function traefikValues({ authority, proxies, claims }: TraefikValuesInput): object {
  return {
    additionalArguments: [
      `--entrypoints.web.forwardedheaders.trustedips=${proxies.join(',')}`,
      // For uploads over a slow line, as at the factory's own Traefik; the default ends them after 60 s.
      ...['web', 'websecure'].map(
        (name) => `--entrypoints.${name}.transport.respondingtimeouts.readtimeout=1h`,
      ),
      ...CHALLENGE_OPTIONS,
      ...Object.entries(CHALLENGES).flatMap(([name, challenge]) => resolver(name, challenge, authority)),
    ],
    ...(claims && keptData()),
    ...(authority.root !== undefined && trust()),
    volumes: [
      configMap(CHALLENGE_CONFIG_MAP, CHALLENGE_FOLDER),
      ...(authority.root === undefined ? [] : [configMap(ACME_CONFIG_MAP, AUTHORITY_FOLDER)]),
    ],
  };
}

function configMap(name: string, mountPath: string): object {
  return { name, mountPath, type: 'configMap' };
}

/** Each has a file of its own: two resolvers that write one lose each other's certificates. */
function resolver(name: string, challenge: string, authority: AcmeAuthority): readonly string[] {
  return resolverOptions(authority, { name, storage: `${DATA_FOLDER}/${name}.json`, challenge });
}

/**
 * Accounts and certificates outlive the pod, and are its node's. So Traefik stays on a server, without which there is no
 * ingress anyway: one on an agent could not come back when that is lost.
 */
function keptData(): object {
  return {
    persistence: { enabled: true, path: DATA_FOLDER, size: '128Mi', accessMode: 'ReadWriteOnce' },
    affinity: onServer(),
  };
}

function onServer(): object {
  const expression = { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' };
  const required = { nodeSelectorTerms: [{ matchExpressions: [expression] }] };
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
}

/** The root besides the public ones (github.com/go-acme/lego, lego/client_config.go): students may use another authority. */
function trust(): object {
  return {
    env: [
      { name: 'LEGO_CA_CERTIFICATES', value: `${AUTHORITY_FOLDER}/ca.crt` },
      { name: 'LEGO_CA_SYSTEM_CERT_POOL', value: 'true' },
    ],
  };
}
