import type { FactoryConfig, ListenAddress } from '../../config/factory-config.ts';
import { fromThisHost } from '../../config/listen-address.ts';
import { type Knock, knockHttp, knockSsh, knockTls } from './knock.ts';

/** A port that the public comes to, and where the factory listens for it. */
export interface FrontDoor {
  /** As in the configuration. */
  readonly key: 'ssh.listen' | 'routes.http' | 'routes.https' | 'routes.kube';
  readonly listen: ListenAddress;
  /** Undefined: nobody outside knows which, because it is a free one. */
  readonly publicPort: number | undefined;
  /** The name that is asked for there. */
  readonly name: string;
  readonly knock: Knock;
}

/** Where browsers come, and ACME servers for HTTP-01 (RFC 8555 §8.3) and TLS-ALPN-01 (RFC 8737 §3). */
export const PUBLIC_PORT = { http: 80, https: 443 } as const;

export function frontDoors({ ssh, web, routes }: FactoryConfig): readonly FrontDoor[] {
  const own = (listen: ListenAddress) => (listen.port === 0 ? undefined : listen.port);
  const name = web.host;
  return [
    { key: 'ssh.listen', listen: ssh.listen, publicPort: own(ssh.listen), name, knock: knockSsh },
    { key: 'routes.http', listen: routes.http, publicPort: PUBLIC_PORT.http, name, knock: knockHttp },
    { key: 'routes.https', listen: routes.https, publicPort: PUBLIC_PORT.https, name, knock: knockTls },
    { key: 'routes.kube', listen: routes.kube, publicPort: own(routes.kube), name, knock: knockTls },
  ];
}

/** What came of knocking at one public address. `unknown`: our own door did not open either, so there is nothing to compare with. */
export interface Visit {
  readonly door: FrontDoor;
  /** Public. */
  readonly at: ListenAddress;
  readonly who: 'ours' | 'another' | 'nobody' | 'unknown';
}

/** ms */
const KNOCK_LIMIT = 15_000;

/** Knocks at each of the addresses, and compares who answers with who does at the door itself. Never rejects. */
export async function visitDoor(
  door: FrontDoor,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<readonly Visit[]> {
  const { publicPort: port, listen } = door;
  if (port === undefined || listen.port === 0) return [];
  const limited = AbortSignal.any([signal, AbortSignal.timeout(KNOCK_LIMIT)]);
  const knock = (at: ListenAddress) => door.knock(at, door.name, limited).catch(() => undefined);
  const within = knock(fromThisHost(listen));
  return await Promise.all(
    addresses.map(async (host) => {
      const at = { host, port };
      const [ours, theirs] = await Promise.all([within, knock(at)]);
      return { door, at, who: whoIs(ours, theirs) };
    }),
  );
}

function whoIs(ours: string | undefined, theirs: string | undefined): Visit['who'] {
  if (theirs === undefined) return 'nobody';
  if (ours === undefined) return 'unknown';
  return ours === theirs ? 'ours' : 'another';
}
