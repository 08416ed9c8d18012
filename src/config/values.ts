import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { type LabName, parseLabName } from '../names/lab-name.ts';
import { parseUsername, type Username } from '../names/username.ts';
import type { ListenAddress } from './factory-config.ts';
import { wrongType } from './issue-wording.ts';

// Each is one kind of value as people write it, with its wording for mistakes and what it becomes.

const MS_PER_UNIT = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES_PER_UNIT = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const;
const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/;
const BYTE_SIZE = /^(\d{1,9})(Ki|Mi|Gi|Ti)$/;
const LISTEN = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/;

const DURATION_WORDS = 'a time such as 500ms, 60s, 30m, 12h or 7d';
const BYTE_SIZE_WORDS = 'a size such as 512Mi or 2Gi';
const LISTEN_WORDS = 'an address and a port such as 127.0.0.1:2222 or "[::1]:2222" (in quotes)';

/** Becomes ms. */
export const duration = z
  .string({ error: (issue) => wrongType(issue.input, DURATION_WORDS) })
  .regex(DURATION, { error: `must be ${DURATION_WORDS}` })
  .transform(toMilliseconds);

/** Becomes ms, or undefined for `never`. */
export const durationOrNever = z
  .string({ error: (issue) => wrongType(issue.input, `${DURATION_WORDS}, or never`) })
  .regex(/^(?:never|\d{1,9}(?:ms|s|m|h|d))$/, { error: `must be ${DURATION_WORDS}, or never` })
  .transform((text) => (text === 'never' ? NEVER : toMilliseconds(text)));

/** What `never` becomes: not undefined, which says that the key is absent. */
export const NEVER = 'never';

/** Becomes bytes. */
export const byteSize = z
  .string({ error: (issue) => wrongType(issue.input, BYTE_SIZE_WORDS) })
  .regex(BYTE_SIZE, { error: `must be ${BYTE_SIZE_WORDS}` })
  .transform((text) => toNumber(BYTE_SIZE, BYTES_PER_UNIT, text));

export const listen = z
  .string({ error: (issue) => wrongType(issue.input, LISTEN_WORDS) })
  .regex(LISTEN, { error: `must be ${LISTEN_WORDS}`, abort: true })
  .refine((text) => isAddress(toListenAddress(text)), { error: `must be ${LISTEN_WORDS}`, abort: true })
  .transform(toListenAddress);

export const userNameOrEverybody = named<Username | '*'>(
  (text) => (text === '*' ? '*' : parseUsername(text)),
  'is no user name; it has letters, digits and single hyphens between them, at most 39',
);

export const labName = named<LabName>(
  parseLabName,
  'is no lab name; it has lower-case letters, digits and single hyphens between them, at most 32',
);

/** A path of a file or folder, as written. */
export const path = z.string().regex(/^[^\0]+$/, { error: 'must be a path' });

/** A place on the host. */
export const hostPath = absolutePath('of the host such as /srv/data');

/** Normalised, so that it can be held against others as text. Docker's short form of a mount cuts at colons. */
export function absolutePath(ofWhat: string) {
  return z
    .string()
    .max(1024)
    .regex(/^(?:\/[^/:\p{Cc}]+)+$/u, {
      error: `must be an absolute path ${ofWhat}, without a colon`,
      abort: true,
    })
    .refine((text) => !/\/\.{1,2}(?:\/|$)/.test(text), { error: 'must not have . or .. in it', abort: true });
}

/** As Docker writes image names: `[registry/]name[:tag][@digest]`. */
export const imageName = z
  .string()
  .max(512)
  .regex(/^[a-zA-Z0-9][\w.:/@-]*$/, { error: 'must be an image such as rancher/k3s:v1.35.0-k3s1' });

/** A name: what `parse` makes of the text, or `mistake`. */
export function named<Name extends string>(parse: (text: string) => Name | undefined, mistake: string) {
  return z.string().transform((text, context) => {
    const name = parse(text);
    if (name !== undefined) return name;
    context.issues.push({ code: 'custom', input: text, message: mistake });
    return z.NEVER;
  });
}

function toMilliseconds(text: string): number {
  return toNumber(DURATION, MS_PER_UNIT, text);
}

function toNumber(form: RegExp, units: Readonly<Record<string, number>>, text: string): number {
  const [, amount = '0', unit = ''] = form.exec(text) ?? [];
  return Number(amount) * (units[unit] ?? 0);
}

function toListenAddress(text: string): ListenAddress {
  const [, ipv6, host, port] = LISTEN.exec(text) ?? [];
  return { host: ipv6 ?? host ?? '', port: Number(port) };
}

function isAddress({ host, port }: ListenAddress): boolean {
  if (port > 65_535) return false;
  return isIP(host) !== 0 || /^(?=.{1,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.test(host);
}

/** One label of a DNS name, as a regular expression has it. */
export const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^(?=.{1,213}$)${LABEL}(?:\\.${LABEL})*$`, 'i');

/** A DNS name, not an address; becomes lower case. */
export const domain = z
  .string()
  .regex(DOMAIN, { error: 'must be a host name such as lab.example.org', abort: true })
  .refine((text) => !/(?:^|\.)\d+$/.test(text), {
    error: 'must be a host name, not an IP address',
    abort: true,
  })
  .transform((text) => text.toLowerCase());

/** As CIDR writes it. `example` completes "a network such as …". */
export function network(example: string) {
  return z
    .string()
    .refine((text) => ipaddr.isValidCIDR(text), { error: `must be a network such as ${example}` });
}
