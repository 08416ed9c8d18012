import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../test/e2e/harness/certificate.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { PLAIN_GROUP } from '../groups/testing/plain-group.ts';
import { findLabs } from '../labs/load-labs.ts';
import { parseLabName } from '../names/lab-name.ts';
import { ownerName } from './default-config.ts';
import type { FactoryConfig } from './factory-config.ts';
import { DEFAULT_LIFECYCLE } from './lifecycle-values.ts';
import { loadConfig } from './load-config.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'));
  await mkdir(join(folder, 'keys'));
  await writeFile(join(folder, 'file'), '');
  for (const lab of ['labs/k3s', 'labs/plain', 'more/k3s', 'packaged/starter']) {
    await mkdir(join(folder, lab), { recursive: true });
    await writeFile(join(folder, lab, 'lab.yaml'), 'container: { image: lab }\n');
  }
});
afterEach(() => rm(folder, { recursive: true }));

async function load(text: string): Promise<FactoryConfig> {
  await writeFile(join(folder, 'factory.yaml'), text);
  const loaded = await loadConfig({
    file: 'factory.yaml',
    workingFolder: folder,
    defaults: {
      owner: ownerName('alice').user,
      images: { node: 'node:1', traefik: 'traefik:1' },
      labs: join(folder, 'packaged'),
      lab: parseLabName('starter'),
    },
    findLabs,
    env: {},
  });
  return loaded.config;
}

async function mistakesIn(text: string): Promise<string[]> {
  const error = await load(text).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FactoryError)) throw error ?? new Error('no mistake was found');
  expect(error.code).toBe('CONFIG_INVALID');
  return error.message.split('\n');
}

/** `own.pem`, its key `own.key`, and `root.pem`. */
async function certificateFiles(host: string): Promise<void> {
  const { pem, keyPem } = await makeCertificate(folder, [host]);
  await writeFile(join(folder, 'own.pem'), pem);
  await writeFile(join(folder, 'own.key'), keyPem);
  await writeFile(join(folder, 'root.pem'), `An authority of ours\n${pem}`);
}

const COMPLETE = `domain: Lab.Example.org
data: ./data
ssh: { listen: 127.0.0.1:2222, keepalive: { interval: 30s }, explain_refusals: false, failed_logins: { close_after: 0, exempt: [10.0.0.0/8] }, key_exchange: post_quantum, limits: { unauthenticated: 1000, login_grace: 2m } }
web: { listen: "[::1]:0", host: Console.Lab.Example.org, tls: { certificate: own.pem, key: own.key } }
routes: { http: 127.0.0.1:8000, https: 127.0.0.1:8443, kube: 0.0.0.0:0, reserved: [www], trusted_proxies: [192.0.2.7/32] }
acme: { directory: 'https://ca.example.org/dir', root: root.pem, email: op@example.org, lifetime: 24h }
identity:
  - files: ./keys
  - github: { url: https://github.com/ }
groups:
  - { name: students, members: [alice, Bob], labs: [plain, k3s], default_lab: k3s }
  - { name: anyone, members: ["*"], labs: [plain], open_to_anyone: true }
labs: [./labs]
lifecycle: { grace: 1500ms, stop_after: never }
clusters: { subnets: 10.80.0.0/16, min_free_disk: 512Mi }
hooks: { private_addresses: [10.0.0.0/8, 'fd00::/8'], give_up_after: 12h, ca: ca.pem }
shutdown: { timeout: 1m }
log: { level: debug }
`;

test('a complete file becomes the configuration', async () => {
  await certificateFiles('console.lab.example.org');
  expect(await load(COMPLETE)).toEqual({
    domain: 'lab.example.org',
    data: join(folder, 'data'),
    ssh: {
      listen: { host: '127.0.0.1', port: 2222 },
      keepalive: { interval: 30_000, count: 3 },
      explainRefusals: false,
      failedLogins: {
        within: 600_000,
        slowAfter: 30,
        closeAfter: 0,
        closedFor: 30_000,
        longest: 600_000,
        exempt: ['10.0.0.0/8'],
      },
      keyExchange: 'post_quantum',
      limits: {
        unauthenticated: 1000,
        loginGrace: 120_000,
        authTries: 20,
        channels: 256,
        connectionsPerUser: 64,
      },
    },
    web: {
      listen: { host: '::1', port: 0 },
      host: 'console.lab.example.org',
      tls: { kind: 'files', certificate: join(folder, 'own.pem'), key: join(folder, 'own.key') },
    },
    routes: {
      http: { host: '127.0.0.1', port: 8000 },
      https: { host: '127.0.0.1', port: 8443 },
      kube: { host: '0.0.0.0', port: 0 },
      reserved: ['www'],
      trustedProxies: ['192.0.2.7/32'],
    },
    acme: {
      directory: 'https://ca.example.org/dir',
      root: join(folder, 'root.pem'),
      email: 'op@example.org',
      lifetime: 86_400_000,
    },
    identity: [
      { kind: 'files', folder: join(folder, 'keys') },
      {
        kind: 'github',
        url: 'https://github.com',
        freshFor: 60_000,
        api: 'https://api.github.com',
      },
    ],
    groups: [
      {
        ...PLAIN_GROUP,
        name: 'students',
        members: ['alice', 'bob'],
        labs: ['plain', 'k3s'],
        defaultLab: 'k3s',
      },
      { ...PLAIN_GROUP, name: 'anyone', members: ['*'], labs: ['plain'], defaultLab: undefined },
    ],
    labs: [join(folder, 'labs')],
    lifecycle: { ...DEFAULT_LIFECYCLE, grace: 1500, stopAfter: undefined },
    images: { node: 'node:1', traefik: 'traefik:1' },
    clusters: {
      subnets: '10.80.0.0/16',
      minFreeDisk: 512 * 1024 * 1024,
      minFreeMemory: 2 ** 30,
      service: {
        listen: { kind: 'socket', path: join(folder, 'data-clusters/clusters.sock') },
        url: { kind: 'socket', path: join(folder, 'data-clusters/clusters.sock') },
        trust: join(folder, 'data/tokens/jwks.json'),
        data: join(folder, 'data-clusters'),
      },
    },
    hooks: {
      privateAddresses: ['10.0.0.0/8', 'fd00::/8'],
      giveUpAfter: 12 * 3_600_000,
      ca: join(folder, 'ca.pem'),
    },
    containerssh: undefined,
    shutdown: { timeout: 60_000 },
    log: { level: 'debug' },
  });
});

test.each([
  ['unix:run/c.sock', { kind: 'socket', path: 'run/c.sock' }, undefined],
  ['127.0.0.1:7443', { kind: 'port', host: '127.0.0.1', port: 7443 }, 'http://127.0.0.1:7443'],
  ['"[::1]:7443"', { kind: 'port', host: '::1', port: 7443 }, 'http://[::1]:7443'],
])('a cluster service at %s is found there', async (listen, expected, origin) => {
  const { service } = (await load(`clusters: { service: { listen: ${listen} } }\n`)).clusters;
  const path = (place: object) =>
    'path' in place ? { ...place, path: join(folder, String(place.path)) } : place;
  expect(service.listen).toEqual(path(expected));
  expect(service.url).toEqual(origin === undefined ? service.listen : { kind: 'origin', origin });
});

test.each(['https://clusters.example.org', 'http://localhost:7443', 'https://10.0.0.7:7443'])(
  'a gateway may look for the cluster service at %s',
  async (url) => {
    const { service } = (await load(`clusters: { service: { url: "${url}" } }\n`)).clusters;
    expect(service.url).toEqual({ kind: 'origin', origin: url });
  },
);

test('a file that says nothing is a lab for its owner', async () => {
  expect(await load('# nothing yet\n')).toMatchObject({
    domain: 'localhost',
    ssh: {
      listen: { host: '127.0.0.1', port: 2222 },
      keepalive: { interval: 15_000, count: 3 },
      keyExchange: 'compatible',
    },
    identity: [{ kind: 'own', user: 'alice' }],
    groups: [{ members: ['alice'], labs: ['starter'], defaultLab: 'starter' }],
    lifecycle: DEFAULT_LIFECYCLE,
  });
});

describe('a mistake is reported with its place and key', () => {
  test.each([
    ['syntax', 'domain: [a\n', /^factory\.yaml:2:1: is not YAML here: /],
    [
      '"*" without quotes',
      'groups:\n  - { name: a, members: [*] }\n',
      /^factory\.yaml:2:\d+: is not YAML here: /,
    ],
    ['not a set of keys', '- a\n', /^factory\.yaml:1:1: must be a set of keys, not a list$/],
    ['an unknown alias', 'data: *nowhere\n', /^factory\.yaml:1:7: has an alias/],
    ['a key twice', 'domain: a.b\ndata: x\ndomain: c.d\n', /^factory\.yaml:3:1: this key stands twice/],
    ['an unknown key', 'domian: a.b\n', /^factory\.yaml:1:1: domian: .*did you mean "domain"\?$/],
    [
      'an unknown key inside',
      'ssh:\n  lisen: 127.0.0.1:1\n',
      /^factory\.yaml:2:3: ssh\.lisen: .*did you mean "listen"\?$/,
    ],
    [
      'an unknown key in a list',
      'groups:\n  - name: a\n    member: []\n    members: [al]',
      /^factory\.yaml:3:5: groups\[0\]\.member: .*did you mean "members"\?$/,
    ],
    [
      'a far-off key',
      'log: { colourful: true }\n',
      /^factory\.yaml:1:8: log\.colourful: .*there are: level$/,
    ],
    [
      'a missing key',
      'groups:\n  - members: [alice]\n',
      /^factory\.yaml:2:5: groups\[0\]\.name: is missing; it must be text$/,
    ],
    [
      'a wrong type',
      'domain: 12\n',
      /^factory\.yaml:1:9: domain: must be text, not a number; put it in quotes$/,
    ],
    ['no value', 'ssh:\n', /^factory\.yaml:1:5: ssh: has no value; it must be a set of keys$/],
    ['a list for a value', 'data: [a]\n', /^factory\.yaml:1:7: data: must be text, not a list$/],
    [
      'a number for a user',
      'groups: [{ name: a, members: [42] }]\n',
      /^factory\.yaml:1:31: groups\[0\]\.members\[0\]: must be text, not a number; put it in quotes$/,
    ],
    [
      'an address for a domain',
      'domain: 127.0.0.1\n',
      /^factory\.yaml:1:9: domain: must be a host name, not an IP address$/,
    ],
    [
      'no port',
      'ssh: { listen: localhost }\n',
      /^factory\.yaml:1:16: ssh\.listen: must be an address and a port/,
    ],
    [
      'a high port',
      'ssh: { listen: "127.0.0.1:65536" }\n',
      /^factory\.yaml:1:16: ssh\.listen: must be an address and a port/,
    ],
    [
      'silence that never ends',
      'ssh: { keepalive: { interval: 0s } }\n',
      /^factory\.yaml:1:31: ssh\.keepalive\.interval: must be from 1s to 10m$/,
    ],
    [
      'a client that may never miss a question',
      'ssh: { keepalive: { count: 0 } }\n',
      /^factory\.yaml:1:28: ssh\.keepalive\.count: must be at least 1$/,
    ],
    [
      'a network that is none',
      'ssh: { failed_logins: { exempt: [10.0.0.0] } }\n',
      /^factory\.yaml:1:34: ssh\.failed_logins\.exempt\[0\]: must be a network such as 10\.0\.0\.0\/8/,
    ],
    [
      'a lock-out for ever',
      'ssh: { failed_logins: { longest: 30d } }\n',
      /^factory\.yaml:1:34: ssh\.failed_logins\.longest: must be from 1s to 24h$/,
    ],
    [
      'a login that may take for ever',
      'ssh:\n  limits:\n    login_grace: 1d\n',
      /^factory\.yaml:3:18: ssh\.limits\.login_grace: must be from 1s to 10m$/,
    ],
    [
      'nobody who may log in',
      'ssh: { limits: { unauthenticated: 0 } }\n',
      /^factory\.yaml:1:35: ssh\.limits\.unauthenticated: must be at least 1$/,
    ],
    [
      'a bare IPv6 address',
      'ssh: { listen: "::1:22" }\n',
      /^factory\.yaml:1:16: ssh\.listen: must be an address and a port/,
    ],
    [
      'a time without a unit',
      'lifecycle: { grace: 60 }\n',
      /^factory\.yaml:1:21: lifecycle\.grace: must be a time such as .*, not a number/,
    ],
    [
      'never where it makes no sense',
      'lifecycle: { grace: never }\n',
      /^factory\.yaml:1:21: lifecycle\.grace: must be a time/,
    ],
    [
      'a size in the wrong unit',
      'clusters: { min_free_disk: 5GB }\n',
      /^factory\.yaml:1:28: clusters\.min_free_disk: must be a size/,
    ],
    [
      'a network of one address',
      'clusters: { subnets: 10.0.0.1/32 }\n',
      /^factory\.yaml:1:22: clusters\.subnets: must be an IPv4 network/,
    ],
    [
      'a cluster service that listens for all',
      'clusters: { service: { listen: 0.0.0.0:7443 } }\n',
      /^factory\.yaml:1:32: clusters\.service\.listen: must stay on this machine/,
    ],
    [
      'a cluster service over plain http',
      'clusters: { service: { url: "http://clusters.example.org" } }\n',
      /^factory\.yaml:1:29: clusters\.service\.url: must begin with https:/,
    ],
    [
      'a cluster service at a path',
      'clusters: { service: { url: "https://example.org/clusters" } }\n',
      /^factory\.yaml:1:29: clusters\.service\.url: must have a host and a port only/,
    ],
    [
      'a log level',
      'log: { level: loud }\n',
      /^factory\.yaml:1:15: log\.level: must be one of: trace, debug/,
    ],
    [
      'no user name',
      'groups: [{ name: a, members: [a_b] }]\n',
      /^factory\.yaml:1:31: groups\[0\]\.members\[0\]: is no user name/,
    ],
    [
      'no lab name',
      'groups: [{ name: a, members: [al], labs: [K3s] }]\n',
      /^factory\.yaml:1:43: groups\[0\]\.labs\[0\]: is no lab name/,
    ],
    [
      'an unknown lab',
      'labs: [labs]\ngroups: [{ name: a, members: [al], labs: [k3d] }]\n',
      /^factory\.yaml:2:43: groups\[0\]\.labs\[0\]: no labs folder has a lab "k3d"; there are: k3s, plain$/,
    ],
    [
      'a default lab that the group has not',
      'labs: [labs]\ngroups:\n  - { name: a, members: [al], labs: [k3s], default_lab: plain }\n',
      /^factory\.yaml:3:57: groups\[0\]\.default_lab: is no lab of this group; it has: k3s$/,
    ],
    [
      'a default lab that nobody has',
      'labs: [labs]\ngroups: [{ name: a, members: [al], default_lab: k3d }]\n',
      /^factory\.yaml:2:49: groups\[0\]\.default_lab: is no lab of this group; it has: k3s, plain$/,
    ],
    [
      'a group name twice',
      'groups:\n  - { name: a, members: [al] }\n  - { name: a, members: [bo] }\n',
      /^factory\.yaml:3:13: groups\[1\]\.name: another group/,
    ],
    [
      'a member twice',
      'groups: [{ name: a, members: [al, bo, AL] }]\n',
      /^factory\.yaml:1:39: groups\[0\]\.members\[2\]: stands twice/,
    ],
    [
      'a lab of a group twice',
      'groups: [{ name: a, members: [al], labs: [starter, starter] }]\n',
      /^factory\.yaml:1:52: groups\[0\]\.labs\[1\]: stands twice/,
    ],
    ['a labs folder twice', 'labs: [labs, ./labs/]\n', /^factory\.yaml:1:14: labs\[1\]: is the same folder/],
    ['a lab in two folders', 'labs: [labs, more]\n', /^factory\.yaml:1:14: labs\[1\]: has a lab "k3s"/],
    ['no labs folder', 'labs: [nowhere]\n', /^factory\.yaml:1:8: labs\[0\]: there is no such folder/],
    ['a file for a labs folder', 'labs: [file]\n', /^factory\.yaml:1:8: labs\[0\]: is no folder/],
    [
      'a labs folder without labs',
      'labs: [keys]\n',
      /^factory\.yaml:1:8: labs\[0\]: neither it nor a folder in it has a lab\.yaml$/,
    ],
    [
      'no keys folder',
      'identity: [{ files: nowhere }]\n',
      /^factory\.yaml:1:21: identity\[0\]\.files: there is no such folder/,
    ],
    [
      'a file for a keys folder',
      'identity: [{ files: file }]\n',
      /^factory\.yaml:1:21: identity\[0\]\.files: is no folder/,
    ],
    ['a file for the data folder', 'data: file\n', /^factory\.yaml:1:7: data: is no folder/],
    [
      'a source that is none',
      'identity: [{}]\n',
      /^factory\.yaml:1:12: identity\[0\]: must have exactly one of: files, github$/,
    ],
    [
      'a source that is two',
      'identity: [{ files: keys, github: {} }]\ngroups: [{ name: a, members: [al] }]\n',
      /^factory\.yaml:1:12: identity\[0\]: must have exactly one of/,
    ],
    ['no source', 'identity: []\n', /^factory\.yaml:1:11: identity: must not be empty/],
    [
      'plain http',
      'identity: [{ github: { url: "http://git.example.org" } }]\ngroups: [{ name: a, members: [al] }]\n',
      /^factory\.yaml:1:29: identity\[0\]\.github\.url: must begin with https/,
    ],
    [
      'no URL',
      'identity: [{ github: { url: github.com } }]\ngroups: [{ name: a, members: [al] }]\n',
      /^factory\.yaml:1:29: identity\[0\]\.github\.url: must be a URL/,
    ],
    [
      'the world let in',
      'identity: [{ github: {} }]\ngroups: [{ name: a, members: [al, "*"] }]\n',
      /^factory\.yaml:2:35: groups\[0\]\.members\[1\]: "\*" lets in everybody .*open_to_anyone: true/,
    ],
    [
      'the world let in by silence',
      'identity: [{ github: {} }]\n',
      /^factory\.yaml:1:1: identity: has a public source/,
    ],
    [
      'one port for two',
      'ssh: { listen: 127.0.0.1:2200 }\nweb: { listen: 0.0.0.0:2200 }\n',
      /^factory\.yaml:2:16: web\.listen: has the same port as ssh\.listen \(127\.0\.0\.1:2200\)/,
    ],
    [
      'the port of a default',
      'ssh: { listen: 127.0.0.1:8443 }\n',
      /^factory\.yaml:1:16: ssh\.listen: has the same port as routes\.https \(127\.0\.0\.1:8443\)/,
    ],
  ])('%s', async (_, text, expected) => {
    const mistakes = await mistakesIn(text);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(expected);
  });

  test.each([
    ['no such root', 'acme: { root: none.pem }\n', /^factory\.yaml:1:15: acme\.root: there is no such file/],
    ['no certificate', 'acme: { root: file }\n', /^factory\.yaml:1:15: acme\.root: has no certificate/],
    ['a pipe', 'acme: { root: /dev/null }\n', /^factory\.yaml:1:15: acme\.root: is no regular file/],
    [
      'a directory that is read by anybody',
      'acme: { directory: "http://ca.example.org" }\n',
      /^factory\.yaml:1:20: acme\.directory: must be an https/,
    ],
    [
      'certificates of minutes',
      'acme: { lifetime: 90m }\n',
      /^factory\.yaml:1:19: acme\.lifetime: must be whole hours/,
    ],
    [
      "a certificate of another name's",
      'domain: lab.test\nweb: { tls: { certificate: own.pem, key: own.key } }\n',
      /^factory\.yaml:2:28: web\.tls\.certificate: is not for lab\.test; it is for DNS:console\.test/,
    ],
    [
      'a key that is none',
      'domain: console.test\nweb: { tls: { certificate: own.pem, key: own.pem } }\n',
      /^factory\.yaml:2:42: web\.tls\.key: is no PEM of that/,
    ],
    [
      'a key of another certificate',
      'domain: console.test\nweb: { tls: { certificate: own.pem, key: other.key } }\n',
      /^factory\.yaml:2:42: web\.tls\.key: is not the key of the certificate/,
    ],
  ])('%s', async (_, text, expected) => {
    await certificateFiles('other.test');
    await rename(join(folder, 'own.key'), join(folder, 'other.key'));
    await certificateFiles('console.test');
    expect(await mistakesIn(text)).toEqual([expect.stringMatching(expected)]);
  });

  test('all at once, in the order of the lines, those of the labs among them', async () => {
    await mkdir(join(folder, 'labs/broken'));
    await writeFile(join(folder, 'labs/broken/lab.yaml'), 'container:\n  imag: lab\n');
    const mistakes = await mistakesIn(
      'domain: 1\nssh: { listen: here }\nlabs: [labs]\ngroups:\n  - { name: a, members: ["-"] }\n  - { name: b, members: [al, al], labs: [broken, nothing] }\n',
    );
    expect(mistakes.map((mistake) => mistake.split(': ').slice(0, 2).join(' '))).toEqual([
      'factory.yaml:1:9 domain',
      'factory.yaml:2:16 ssh.listen',
      'factory.yaml:5:26 groups[0].members[0]',
      'factory.yaml:6:30 groups[1].members[1]',
      'factory.yaml:6:50 groups[1].labs[1]',
      'labs/broken/lab.yaml:2:3 container.imag',
      'labs/broken/lab.yaml:2:3 container.image',
    ]);
  });
});

test('plain http is good enough on this machine', async () => {
  const text = (url: string) =>
    `identity: [{ github: { url: "${url}" } }]\ngroups: [{ name: a, members: [al] }]\n`;
  for (const url of ['http://127.0.0.1:9000', 'http://localhost', 'http://[::1]:80']) await load(text(url));
});

test('a file that is not there', async () => {
  const loading = loadConfig({
    file: 'nowhere.yaml',
    workingFolder: folder,
    defaults: {
      owner: ownerName('al').user,
      images: { node: 'n', traefik: 't' },
      labs: folder,
      lab: undefined,
    },
    findLabs,
    env: {},
  });
  await expect(loading).rejects.toMatchObject({
    code: 'CONFIG_UNREADABLE',
    message: "The configuration nowhere.yaml can't be read: ENOENT",
  });
});

test.each([
  ['alice', 'alice', false],
  ['Alice', 'alice', true],
  ['jörg.müller', 'jorg-muller', true],
  ['DOMAIN\\bob', 'domain-bob', true],
  ['_', 'me', true],
  ['a'.repeat(50), 'a'.repeat(39), true],
])('the owner whose login name is %s is %s', (login, user, changed) => {
  expect(ownerName(login)).toEqual({ user, changed });
});
