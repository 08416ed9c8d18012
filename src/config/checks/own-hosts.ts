import type { ConfigDraft } from '../config-draft.ts';
import { configSchema } from '../schema.ts';

/** The domain and the factory's own name, each undefined where it breaks the schema. */
export interface OwnHosts {
  readonly domain: string | undefined;
  readonly webHost: string | undefined;
}

export function ownHosts(draft: ConfigDraft): OwnHosts {
  const schema = configSchema.shape.domain;
  const [domain] = draft.item(schema, ['domain']);
  const [webHost = domain] = draft.item(schema, ['web', 'host'], domain?.value);
  return { domain: domain?.value, webHost: webHost?.value };
}
