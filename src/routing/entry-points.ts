/** Traefik's entry points, as its static options name them. */
export const ENTRY_POINT = { http: 'web', https: 'websecure', kube: 'kube', api: 'traefik' } as const;
