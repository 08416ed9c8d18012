/** A host and a port where something of the factory really listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A factory that answers on all its endpoints. */
export interface RunningFactory {
  readonly endpoints: {
    readonly ssh: Endpoint;
    readonly web: { readonly url: string };
    readonly routes: { readonly http: Endpoint; readonly https: Endpoint; readonly kube: Endpoint };
    /** The webhooks for a ContainerSSH in front, where it is configured. */
    readonly containerssh?: Endpoint;
  };
  /**
   * No new connections; sessions are told and end within the configured time. Workspaces and routes stay as they are: the
   * next start adopts them. Idempotent.
   */
  stop(): Promise<void>;
}

/** A process that has the Docker socket and nothing else of the factory. */
export interface RunningClusterService {
  readonly endpoints: { readonly clusters: { readonly url: string } };
  /** Operations under way are ended, and what runs in containers for sessions. What exists stays as it is. Idempotent. */
  stop(): Promise<void>;
}
