import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Document, isMap } from 'yaml';
import type { OwnName } from './own-name-rules.ts';
import { CLIENT_HEADERS } from './page-rules.ts';
import type { HostRoute } from './route-table.ts';
import { traefikConfiguration } from './routing-rules.ts';

const own: OwnName = { host: 'lab.example.org', tls: undefined };
const options = {
  web: 'http://127.0.0.1:8080',
  kube: { host: '127.0.0.1', port: 6443 },
  own,
  httpsPort: 443,
  generation: 'g1',
};
const awake = (ingress: string) =>
  ({ kind: 'awake', addresses: { ingress, api: { host: ingress, port: 6443 } } }) as const;
const asleep = { kind: 'asleep' } as const;
const starting = { ...awake('10.209.1.3'), kind: 'starting' } as const;

interface Case {
  readonly hosts: readonly HostRoute[];
  readonly own?: OwnName;
  readonly httpsPort?: number;
}

const files = {
  kind: 'files',
  certificate: '/etc/ssh-lab-factory/certificate/0123.crt',
  key: '/etc/ssh-lab-factory/certificate/0123.key',
} as const;

/** Each is a file in `golden`, as an operator could read it. */
const CASES: Readonly<Record<string, Case>> = {
  'no-workspaces': { hosts: [] },
  'awake-host': { hosts: [{ host: 'alice.lab.example.org', route: awake('10.209.1.3') }] },
  'asleep-host': { hosts: [{ host: 'bob.lab.example.org', route: asleep }] },
  'starting-host': {
    hosts: [{ host: 'bob.lab.example.org', route: starting }],
  },
  'host-below-another': {
    hosts: [
      { host: 'alice.lab.example.org', route: awake('10.209.1.3') },
      { host: 'shop.alice.lab.example.org', route: awake('10.209.1.19') },
    ],
  },
  'two-labs-on-two-hosts': {
    hosts: [
      { host: 'alice-k3s.lab.example.org', route: awake('10.209.1.3') },
      { host: 'alice-web.lab.example.org', route: asleep },
    ],
  },
  'look-alikes': {
    hosts: ['bob', 'bob-x', 'kube-bob', 'xbob'].map((user, index) => ({
      host: `${user}.lab.example.org`,
      route: awake(`10.209.1.${3 + 16 * index}`),
    })),
  },
  'kube-api-on-another-node': {
    hosts: [
      {
        host: 'alice.lab.example.org',
        route: {
          kind: 'awake',
          addresses: { ingress: '10.209.1.3', api: { host: '10.209.1.4', port: 6550 } },
        },
      },
    ],
  },
  // No host has such characters: that is seen to where it is made. Here they are no more than characters.
  'characters-of-patterns': { hosts: [{ host: 'a+(b|c).lab.example.org', route: asleep }] },
  'own-name-with-files': { hosts: [], own: { host: 'lab.example.org', tls: { ...files, isWider: false } } },
  'own-name-with-a-wildcard': {
    hosts: [],
    own: { host: 'lab.example.org', tls: { ...files, isWider: true } },
  },
  'own-name-with-acme': { hosts: [], own: { host: 'console.lab.example.org', tls: { kind: 'acme' } } },
  'own-name-on-another-port': {
    hosts: [],
    own: { host: 'lab.example.org', tls: { kind: 'acme' } },
    httpsPort: 8443,
  },
  'own-name-is-a-workspaces': {
    hosts: [{ host: 'www.lab.example.org', route: awake('10.209.1.3') }],
    own: { host: 'www.lab.example.org', tls: undefined },
  },
};

test.each(Object.entries(CASES))('golden/%s.yml', async (name, { hosts, ...rest }) => {
  const configuration = traefikConfiguration(hosts, { ...options, ...rest });
  await expect(asYaml(configuration)).toMatchFileSnapshot(`golden/${name}.yml`);
});

const anyTls = fc.constantFrom<OwnName['tls']>(
  undefined,
  { kind: 'acme' },
  { ...files, isWider: false },
  { ...files, isWider: true },
);
const label = fc.stringMatching(/^[a-z0-9](-?[a-z0-9]){0,8}$/);
const route = fc.constantFrom(awake('10.209.1.3'), asleep, starting);

test('no section is empty: Traefik refuses the whole file for one', () => {
  const isEmpty = (section: object) => Object.keys(section).length === 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(label, route), { maxLength: 3 }), anyTls, (labels, tls) => {
      const hosts = labels.map(([name, to]) => ({ host: `${name}.lab.example.org`, route: to }));
      const text = JSON.stringify(traefikConfiguration(hosts, { ...options, own: { ...own, tls } }));
      const protocols: Record<string, Record<string, object>> = JSON.parse(text);
      const sections = Object.values(protocols).flatMap((protocol) => [protocol, ...Object.values(protocol)]);
      expect(sections.filter(isEmpty)).toEqual([]);
    }),
  );
});

test('the pattern of a host matches names below it and nothing else', () => {
  const host = fc.tuple(label, label).map((labels) => labels.join('.'));
  fc.assert(
    fc.property(host, fc.oneof(host, fc.string()), label, (name, other, below) => {
      const pattern = patternOf(name);
      expect(pattern.test(`${below}.${name}`)).toBe(true);
      expect(pattern.test(`${below}.${below}.${name}`)).toBe(true);
      expect(pattern.test(`${below}.${name}.`)).toBe(true);
      expect(pattern.test(`${below}.${name}..`)).toBe(false);
      expect(pattern.test(name)).toBe(false);
      expect(pattern.test(`${below}${name}`)).toBe(false);
      expect(pattern.test(`${below}.${name}.${below}`)).toBe(false);
      expect(pattern.test(`${below}.${name.replace('.', 'x')}`)).toBe(false);
      const isBelow = `.${other.toLowerCase()}`.replace(/\.$/, '').endsWith(`.${name}`);
      if (!isBelow) expect(pattern.test(`${below}.${other}`)).toBe(false);
    }),
  );
});

describe('who goes first', () => {
  const labels = fc.array(label, { minLength: 1, maxLength: 3 });
  const ownNames = fc.record({ host: labels.map((parts) => parts.join('.')), tls: anyTls });

  test('a host below another has its requests: the longer rule does with Traefik, and gRPC goes with its host', () => {
    fc.assert(
      fc.property(labels, labels, route, route, ownNames, (above, below, one, other, ownName) => {
        const outer = above.join('.');
        const inner = [...below, outer].join('.');
        const hosts = [
          { host: outer, route: one },
          { host: inner, route: other },
        ];
        const { http, tcp } = routersOf(hosts, ownName);
        for (const routers of [http, tcp]) {
          for (const host of [outer, inner]) expect(routers[host] ?? {}).not.toHaveProperty('priority');
          const inOrder = [`grpc_${inner}`, inner, `grpc_${outer}`, outer].flatMap((name) =>
            rankOf(routers[name]),
          );
          expect(inOrder).toEqual([...new Set(inOrder)].sort((a, b) => b - a));
        }
      }),
    );
  });

  test('challenges come to a host that starts before its page does, and never to one above the host that they are for', () => {
    fc.assert(
      fc.property(labels, labels, route, ownNames, (above, below, other, ownName) => {
        const outer = above.join('.');
        const inner = [...below, outer].join('.');
        const hosts = [
          { host: outer, route: starting },
          { host: inner, route: other },
        ];
        const { http } = routersOf(hosts, ownName);
        // Where the factory's own name is one of them, that has no workspace's rules.
        if (outer === ownName.host || inner === ownName.host) return;
        const challenges = http[`acme_${outer}`]?.priority;
        expect(challenges).toBeGreaterThan(http[outer]?.rule.length ?? Number.NaN);
        expect(challenges).toBeLessThan(http[inner]?.rule.length ?? Number.NaN);
      }),
    );
  });

  test("what has a priority of its own is the factory's: its exact name, and what nobody else takes; or challenges", () => {
    fc.assert(
      fc.property(labels, route, ownNames, (parts, to, ownName) => {
        const hosts = [{ host: parts.join('.'), route: to }];
        const { http } = routersOf(hosts, ownName);
        for (const [name, { rule, priority }] of Object.entries(http)) {
          if (name.startsWith('own_')) expect(rule).toMatch(/^Host\(`[^`*]+`\) && !/);
          if (priority !== undefined && !name.startsWith('grpc_'))
            expect(name).toMatch(/^(own_https?|unknown_host|hidden_address|acme_.*)$/);
          if (name !== 'unknown_host') expect(priority ?? rule.length).toBeGreaterThan(1);
        }
      }),
    );
  });
});

test.each<{ type: string; isGrpc: boolean }>([
  { type: 'application/grpc', isGrpc: true },
  { type: 'application/grpc+proto', isGrpc: true },
  { type: 'application/grpc;x=y', isGrpc: true },
  { type: 'Application/gRPC', isGrpc: true },
  { type: 'application/grpc-web+proto', isGrpc: false },
  { type: 'application/json', isGrpc: false },
  { type: 'x application/grpc', isGrpc: false },
])('$type is gRPC: $isGrpc', ({ type, isGrpc }) => {
  const { http } = routersOf([{ host: 'alice.lab.example.org', route: awake('10.209.1.3') }], own);
  const { rule = '' } = http['grpc_alice.lab.example.org'] ?? {};
  const pattern = /HeaderRegexp\(`Content-Type`, `\(\?i\)(.*)`\)$/.exec(rule)?.[1] ?? '';
  expect(new RegExp(pattern, 'i').test(type)).toBe(isGrpc);
});

interface Router {
  readonly rule: string;
  readonly priority?: number;
}

/** Of two routers that match a request Traefik takes the one of the higher rank. */
function rankOf(router: Router | undefined): readonly number[] {
  return router === undefined ? [] : [router.priority ?? router.rule.length];
}

function routersOf(hosts: readonly HostRoute[], ownName: OwnName) {
  const { http, tcp } = JSON.parse(
    JSON.stringify(traefikConfiguration(hosts, { ...options, own: ownName })),
  ) as Record<'http' | 'tcp', { routers: Readonly<Record<string, Router | undefined>> } | undefined>;
  return {
    http: definedOf(http?.routers),
    tcp: definedOf(tcp?.routers),
  };
}

function definedOf(routers: Readonly<Record<string, Router | undefined>> = {}): Record<string, Router> {
  return Object.fromEntries(
    Object.entries(routers).flatMap(([name, found]) => (found ? [[name, found]] : [])),
  );
}

/** As Go reads it: `(?i)` is its flag for any case. */
function patternOf(host: string): RegExp {
  const rule = routersOf([{ host, route: asleep }], own).http[host]?.rule ?? '';
  const pattern = rule.match(/HostRegexp\(`\(\?i\)(.*)`\)$/)?.[1];
  if (pattern === undefined) throw new Error(rule);
  return new RegExp(pattern, 'i');
}

/** The many names of headers that are taken away in one line: they are no case's own. */
function asYaml(configuration: object): string {
  const document = new Document(configuration, { aliasDuplicateObjects: false });
  const headers = document.getIn(
    ['http', 'middlewares', CLIENT_HEADERS, 'headers', 'customRequestHeaders'],
    true,
  );
  if (isMap(headers)) headers.flow = true;
  return document.toString({ lineWidth: 0 });
}
