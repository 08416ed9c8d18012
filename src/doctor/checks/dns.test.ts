import { expect, test } from 'vitest';
import type { DnsAnswer } from '../outside/dns.ts';
import type { HostAddresses } from '../outside/host-addresses.ts';
import { isPublicName } from '../outside/public-names.ts';
import type { PublicHosts } from '../outside/public-site.ts';
import { type DnsView, judgeDns } from './dns.ts';

const PUBLIC = '93.184.216.34';
const OTHER = '93.184.216.35';
const IPV6 = '2606:2800:220:1::1';

const VIEW: DnsView = {
  servers: ['127.0.0.1:53'],
  ownAddresses: [PUBLIC],
  listens: ['0.0.0.0', '0.0.0.0'],
  isBehindProxies: false,
  isAuthorityPublic: true,
};

function answered(...records: string[]): DnsAnswer<string> {
  return { kind: 'answered', records };
}

function host(name: string, a: readonly string[], aaaa: readonly string[] = []): HostAddresses {
  return { name, a: answered(...a), aaaa: answered(...aaaa) };
}

/** Every name is at `PUBLIC`, but for those given. */
function hosts(more: Partial<PublicHosts> = {}): PublicHosts {
  return {
    domain: host('lab.example.org', [PUBLIC]),
    workspace: host('bob.lab.example.org', [PUBLIC]),
    belowWorkspace: host('x.bob.lab.example.org', [PUBLIC]),
    web: undefined,
    ...more,
  };
}

test('all names at an address of this host are right', () => {
  expect(judgeDns(hosts(), VIEW)).toEqual({
    verdict: 'right',
    text: `lab.example.org and *.lab.example.org are at ${PUBLIC}, which this host has`,
  });
});

test('an address that this host does not have is behind a NAT, and not wrong', () => {
  const { verdict, text } = judgeDns(hosts(), { ...VIEW, ownAddresses: ['10.0.0.5'] });
  expect(verdict).toBe('right');
  expect(text).toContain('a NAT has to bring the ports here');
});

test('what is missing is to be pasted into the zone', () => {
  const none = {
    workspace: host('bob.lab.example.org', []),
    belowWorkspace: host('x.bob.lab.example.org', []),
  };
  expect(judgeDns(hosts(none), VIEW)).toMatchObject({
    verdict: 'wrong',
    remedy: [`*.lab.example.org. 300 IN A ${PUBLIC}`],
  });
  expect(judgeDns(hosts({ ...none, domain: host('lab.example.org', []) }), VIEW)).toMatchObject({
    verdict: 'wrong',
    remedy: [`lab.example.org. 300 IN A ${PUBLIC}`, `*.lab.example.org. 300 IN A ${PUBLIC}`],
  });
});

test.each<[string, Partial<PublicHosts>, Partial<DnsView>, string, string]>([
  [
    'names below a workspace alone are missing',
    { belowWorkspace: host('x.bob.lab.example.org', []) },
    {},
    'wrong',
    '*.lab',
  ],
  [
    'a wildcard that leads elsewhere',
    { workspace: host('bob.lab.example.org', [OTHER]) },
    {},
    'wrong',
    OTHER,
  ],
  [
    'one of two addresses',
    { workspace: host('bob.lab.example.org', [PUBLIC, OTHER]) },
    {},
    'doubtful',
    OTHER,
  ],
  [
    "the factory's own name elsewhere",
    { web: host('www.example.org', [OTHER]) },
    {},
    'wrong',
    'www.example.org is at',
  ],
  [
    "the factory's own name missing",
    { web: host('www.example.org', []) },
    {},
    'wrong',
    'www.example.org has no',
  ],
  [
    'IPv6 that nobody listens for',
    { domain: host('lab.example.org', [PUBLIC], [IPV6]) },
    {},
    'wrong',
    'IPv4 alone',
  ],
])('%s', (_, more, view, verdict, words) => {
  const judgement = judgeDns(hosts(more), { ...VIEW, ...view });
  expect(judgement.verdict).toBe(verdict);
  expect(judgement.text).toContain(words);
});

function withIpv6(): PublicHosts {
  return hosts({
    domain: host('lab.example.org', [PUBLIC], [IPV6]),
    workspace: host('bob.lab.example.org', [PUBLIC], [IPV6]),
    belowWorkspace: host('x.bob.lab.example.org', [PUBLIC], [IPV6]),
  });
}

test.each<[string, Partial<DnsView>, string]>([
  ['IPv4 alone', {}, 'wrong'],
  ['IPv4 for one of the two', { listens: ['::', '0.0.0.0'] }, 'wrong'],
  ['both', { listens: ['::', '::'] }, 'right'],
  ['IPv4, behind a load balancer', { isBehindProxies: true }, 'doubtful'],
])('with IPv6 addresses the routes listen on %s', (_, view, verdict) => {
  expect(judgeDns(withIpv6(), { ...VIEW, ...view }).verdict).toBe(verdict);
});

test('a private address is one for a private authority', () => {
  const inside = hosts({
    domain: host('lab.example.org', ['10.0.0.5']),
    workspace: host('bob.lab.example.org', ['10.0.0.5']),
    belowWorkspace: host('x.bob.lab.example.org', ['10.0.0.5']),
  });
  expect(judgeDns(inside, VIEW)).toMatchObject({ verdict: 'doubtful' });
  expect(judgeDns(inside, { ...VIEW, isAuthorityPublic: false })).toMatchObject({ verdict: 'right' });
});

test('what is below a workspace is told of alone where it is elsewhere', () => {
  const workspace = host('bob.lab.example.org', [OTHER]);
  const together = judgeDns(
    hosts({ workspace, belowWorkspace: host('x.bob.lab.example.org', [OTHER]) }),
    VIEW,
  );
  expect(together.text).not.toContain('x.bob');
  const apart = judgeDns(hosts({ belowWorkspace: host('x.bob.lab.example.org', [OTHER]) }), VIEW);
  expect(apart).toMatchObject({ verdict: 'wrong', text: expect.stringMatching(/^x\.bob/) });
});

test('name servers that are silent are one line', () => {
  const silent: DnsAnswer<string> = { kind: 'failed', isServerFailure: false, reason: 'no answer in time' };
  const all = (name: string) => ({ name, a: silent, aaaa: silent });
  const judgement = judgeDns(
    { domain: all('a.org'), workspace: all('b.a.org'), belowWorkspace: all('x.b.a.org'), web: undefined },
    VIEW,
  );
  expect(judgement).toMatchObject({
    verdict: 'wrong',
    text: 'no name server answers (127.0.0.1:53: no answer in time)',
  });
});

test.each([
  ['lab.example.org', true],
  ['mylocalhost.org', true],
  ['localhost', false],
  ['lab.localhost', false],
  ['lab.test', false],
  ['lab.home.arpa', false],
  ['factory', false],
])('%s is public: %s', (name, expected) => {
  expect(isPublicName(name)).toBe(expected);
});
