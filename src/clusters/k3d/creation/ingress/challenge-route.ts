import { stringify } from 'yaml';
import { HTTP_CHALLENGES } from '../../../../acme/http-challenges.ts';

/** In Traefik's namespace. */
export const CHALLENGE_CONFIG_MAP = 'traefik-challenges';
/** Where it is in Traefik's container. */
export const CHALLENGE_FOLDER = '/challenges';

const FILE = 'challenges.yaml';

/** Before all that is ranked by the length of its rule; who wants a question for another program ranks that higher. */
const PRIORITY = 10_000;

/** Of Traefik's resolvers by HTTP-01. Nobody gets there: what matters is that it is another one than `web`. */
export const CHALLENGE_ENTRY_POINT = 'acme';

/**
 * Leads HTTP-01 (RFC 8555 §8.3) to Traefik's own resolvers, before the rules of the student. On the entry point of a resolver Traefik
 * puts that before everything, and no other client of ACME in the cluster, such as cert-manager, could ever get a question. So theirs
 * is one of their own, and this route has a priority that others can have more than. (`allowACMEByPass` does the like from Traefik
 * 3.3 on, behind any rule that is longer; older ones do not start with it.)
 */
export const CHALLENGE_OPTIONS = [
  `--entrypoints.${CHALLENGE_ENTRY_POINT}.address=127.0.0.1:8002`,
  `--providers.file.filename=${CHALLENGE_FOLDER}/${FILE}`,
];

export function challengeConfigMap(): object {
  const router = {
    rule: `PathPrefix(\`${HTTP_CHALLENGES}\`)`,
    entryPoints: ['web'],
    service: 'acme-http@internal',
    priority: PRIORITY,
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: CHALLENGE_CONFIG_MAP, namespace: 'kube-system' },
    data: { [FILE]: stringify({ http: { routers: { 'acme-challenges': router } } }) },
  };
}
