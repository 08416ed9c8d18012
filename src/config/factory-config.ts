import type { LabName } from '../names/lab-name.ts';
import type { Role } from '../names/role.ts';
import type { Username } from '../names/username.ts';
import type { LifecycleConfig, LifecycleFile } from './lifecycle-values.ts';
import type { ResourceLimits } from './resource-limits.ts';
import type { AcmeConfig } from './sections/acme.ts';
import type { ContainerSshConfig } from './sections/containerssh.ts';
import type { OwnTls } from './sections/web.ts';

/** The whole configuration, validated, with defaults filled in and every path absolute. */
export interface FactoryConfig {
  /** The students' hosts are `<user>.<domain>`. Lower case. */
  readonly domain: string;
  /** The data folder. */
  readonly data: string;
  readonly ssh: SshConfig;
  readonly web: WebConfig;
  readonly routes: {
    readonly http: ListenAddress;
    readonly https: ListenAddress;
    readonly kube: ListenAddress;
    /** Labels right below the domain that no workspace has. */
    readonly reserved: readonly string[];
    /** Networks whose word on a client's address is taken: "10.0.0.0/8". */
    readonly trustedProxies: readonly string[];
  };
  readonly acme: AcmeConfig;
  readonly identity: readonly IdentitySourceConfig[];
  readonly groups: readonly GroupConfig[];
  /** Folders: each is a lab itself or holds labs. */
  readonly labs: readonly string[];
  /** A lab may say otherwise. */
  readonly lifecycle: LifecycleConfig;
  readonly images: ImagesConfig;
  readonly clusters: ClustersConfig;
  readonly hooks: HooksConfig;
  /** Undefined: no ContainerSSH is in front. */
  readonly containerssh: ContainerSshConfig | undefined;
  readonly shutdown: { /** How long told sessions may go on after SIGTERM; ms. */ readonly timeout: number };
  readonly log: { readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' };
}

/** The door for students. */
export interface SshConfig {
  readonly listen: ListenAddress;
  readonly keepalive: KeepaliveConfig;
  /** `post_quantum`: nobody comes in by a method that a quantum computer could undo later. */
  readonly keyExchange: 'compatible' | 'post_quantum';
  /** Whether who is refused is told which keys are listed; else they do not even learn which names there are. */
  readonly explainRefusals: boolean;
  readonly failedLogins: FailedLoginsConfig;
  readonly limits: SshLimitsConfig;
}

/** The factory's own pages and its API. */
export interface WebConfig {
  readonly listen: ListenAddress;
  /** Their public name on the routes; lower case. */
  readonly host: string;
  /** Undefined: over HTTP alone. */
  readonly tls: OwnTls | undefined;
}

export interface ListenAddress {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
}

/** When a client that says nothing any more is taken for gone. */
export interface KeepaliveConfig {
  /** After so long a silence it is asked for a sign of life, and again; ms. */
  readonly interval: number;
  /** So many questions may stay without an answer. */
  readonly count: number;
}

/** How often logins from one address may fail. Times in ms. */
export interface FailedLoginsConfig {
  /** Failures are counted for so long. */
  readonly within: number;
  /** After so many the refusals come later and later; 0: never. */
  readonly slowAfter: number;
  /** After so many the address is closed out; 0: never. */
  readonly closeAfter: number;
  /** For so long at first, and for twice as long each time after that… */
  readonly closedFor: number;
  /** …but never longer. */
  readonly longest: number;
  /** Networks that may fail as often as they like: "10.0.0.0/8". */
  readonly exempt: readonly string[];
}

/** What clients may have of the gateway. */
export interface SshLimitsConfig {
  /** Connections that have not logged in yet, all together. */
  readonly unauthenticated: number;
  /** From the TCP connection to the end of authentication; ms. */
  readonly loginGrace: number;
  /** Signatures that may be wrong on one connection. */
  readonly authTries: number;
  /** Of one connection. */
  readonly channels: number;
  readonly connectionsPerUser: number;
}

export type IdentitySourceConfig =
  | { readonly kind: 'files'; readonly folder: string }
  /**
   * Anything that serves `<url>/<user>.keys`. `freshFor`: how long an answer is used without asking again; ms. `api`: whose answers to
   * `<api>/users/<user>` tell which account a name is; undefined: a name means whoever has it.
   */
  | {
      readonly kind: 'github';
      readonly url: string;
      readonly freshFor: number;
      readonly api: string | undefined;
    }
  /** The keys of the person who runs the factory: `~/.ssh/*.pub` and their ssh-agent. */
  | { readonly kind: 'own'; readonly user: Username };

export interface GroupConfig {
  readonly name: string;
  readonly role: Role;
  /** '*' is everybody that a source knows. Those of the roster are among them. */
  readonly members: readonly (Username | '*')[];
  /** Where further members came from; undefined: there is none. */
  readonly roster: { readonly file: string; readonly members: readonly RosterMember[] } | undefined;
  readonly labs: readonly LabName[];
  /** Where a member who names no lab goes; one of `labs`. Undefined: a member of several labs must name one. */
  readonly defaultLab: LabName | undefined;
  /** What its members get otherwise than the labs say. */
  readonly overrides: LabOverrides;
}

/** A line of a roster. */
export interface RosterMember {
  readonly user: Username;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

/** Settings of every lab of a group; what is undefined stays as the lab has it. */
export interface LabOverrides {
  readonly env: Readonly<Record<string, string>>;
  readonly container: LimitOverrides;
  readonly cluster: LimitOverrides;
  /** As `lab.yaml` writes it. */
  readonly lifecycle: LifecycleFile;
}

/** Those of `ResourceLimits` that a group sets. */
export type LimitOverrides = { readonly [Limit in keyof ResourceLimits]?: ResourceLimits[Limit] | undefined };

export const NO_OVERRIDES: LabOverrides = { env: {}, container: {}, cluster: {}, lifecycle: {} };

export interface ImagesConfig {
  /** The k3s node image. */
  readonly node: string;
  readonly traefik: string;
}

export interface HooksConfig {
  /** Networks that hooks may call although they are not public: "10.0.0.0/8". */
  readonly privateAddresses: readonly string[];
  /** ms */
  readonly giveUpAfter: number;
  /** A file with certificates that are trusted besides the public ones; absolute. */
  readonly ca: string | undefined;
}

export interface ClustersConfig {
  /** IPv4 networks of workspaces are cut from this one, "10.209.0.0/16". */
  readonly subnets: string;
  /** With less free space than this on Docker's disk no cluster is created; bytes. */
  readonly minFreeDisk: number;
  /** With less memory available on the host suspended workspaces are stopped; bytes. */
  readonly minFreeMemory: number;
  readonly service: ClusterServiceConfig;
}

/** For a factory whose Docker socket is in a process of its own (`--roles clusters`); else nobody looks at it. */
export interface ClusterServiceConfig {
  readonly listen: ServiceListen;
  /** Where the gateway finds it. */
  readonly url: ServiceAddress;
  /** The file with the keys (JWKS) by which the service knows the gateway, which writes it. */
  readonly trust: string;
  /** The service's own data folder. */
  readonly data: string;
}

export type ServiceListen =
  | { readonly kind: 'socket'; readonly path: string }
  | ({ readonly kind: 'port' } & ListenAddress);

/** A Unix socket, or an origin such as "http://127.0.0.1:7443". */
export type ServiceAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'origin'; readonly origin: string };
