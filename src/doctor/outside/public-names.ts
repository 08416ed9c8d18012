import { randomBytes } from 'node:crypto';
import type { FactoryConfig } from '../../config/factory-config.ts';

/** The names that have to lead to a factory. */
export interface PublicNames {
  readonly domain: string;
  /** A workspace's host, of a user that nobody is. */
  readonly workspace: string;
  /** The hosts below a workspace's belong to it. */
  readonly belowWorkspace: string;
  /** The factory's own name, where it is another one than the domain. */
  readonly web: string | undefined;
}

export function publicNames({ domain, web }: Pick<FactoryConfig, 'domain' | 'web'>): PublicNames {
  const workspace = `doctor-${randomBytes(4).toString('hex')}.${domain}`;
  return {
    domain,
    workspace,
    belowWorkspace: `x.${workspace}`,
    web: web.host === domain ? undefined : web.host,
  };
}

/** Names that the public DNS does not have (RFC 6761, RFC 6762, RFC 7686, RFC 8375, ICANN's "internal"). */
const NOT_PUBLIC = /(?:^|\.)(?:localhost|test|invalid|local|internal|onion|home\.arpa)$/;

/** Whether a domain may be in the public DNS at all. A name without a dot is one of a local network. */
export function isPublicName(domain: string): boolean {
  return domain.includes('.') && !NOT_PUBLIC.test(domain);
}

/** Letters, digits, hyphens and dots: what a command line or a terminal takes as nothing else. */
export function isHostName(name: string): boolean {
  return (
    name.length <= 253 &&
    /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(name)
  );
}

/** A name and those above it, the nearest first, down to `fewest` labels; `most` at most. */
export function climb(name: string, fewest: number, most: number): readonly string[] {
  const labels = name.split('.');
  return labels.slice(0, Math.max(0, labels.length - fewest + 1)).flatMap((_, index) => {
    return index < most ? [labels.slice(index).join('.')] : [];
  });
}
