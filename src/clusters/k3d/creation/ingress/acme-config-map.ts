import type { AcmeAuthority } from '../../../../acme/acme-authority.ts';

/** Its name, in each of the namespaces. */
export const ACME_CONFIG_MAP = 'acme';

/** Of Traefik, and of a student who has chosen none. */
const NAMESPACES = ['kube-system', 'default'];

/** For Traefik's trust, and for what students install themselves, such as cert-manager. */
export function acmeConfigMaps({ directory, email, root }: AcmeAuthority): readonly object[] {
  return NAMESPACES.map((namespace) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: ACME_CONFIG_MAP, namespace },
    data: {
      directory,
      ...(email !== undefined && { email }),
      ...(root !== undefined && { 'ca.crt': root }),
    },
  }));
}
