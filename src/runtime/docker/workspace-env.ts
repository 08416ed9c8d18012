import type { AcmeAuthority } from '../../acme/acme-authority.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';

export interface WorkspaceEnvOptions {
  /** Where a workspace's Ingresses answer. */
  readonly publicUrls: (key: WorkspaceKey) => {
    readonly host: string;
    readonly http: string;
    readonly https: string;
  };
  readonly acme: Pick<AcmeAuthority, 'directory'>;
}

/** What the factory says of a workspace, in its container and in each session. Neither a lab nor a hook says otherwise. */
export function workspaceEnv({
  publicUrls,
  acme,
}: WorkspaceEnvOptions): (key: WorkspaceKey) => Readonly<Record<string, string>> {
  return (key) => {
    const { host, http, https } = publicUrls(key);
    return {
      LAB_USER: key.user,
      LAB_HOST: host,
      LAB_URL: http,
      LAB_HTTPS_URL: https,
      LAB_ACME_DIRECTORY: acme.directory,
    };
  };
}
