/** Routers, services or middlewares of Traefik's configuration, by name. */
export type Section = Record<string, object>;
