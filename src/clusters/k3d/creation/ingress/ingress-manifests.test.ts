import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { PUBLIC_AUTHORITY } from '../../../../acme/testing/public-authority.ts';
import { clusterNetwork } from '../../network/cluster-network.ts';
import { ingressManifests } from './ingress-manifests.ts';
import { definitionWith } from './testing/definition-with.ts';

const network = clusterNetwork('10.209.1.16/28');
const own = {
  directory: 'https://ca.example.org/dir',
  email: 'op@example.org',
  lifetime: 86_400_000,
  root: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
};

test('an authority of the operator: each cluster is told of it, and Traefik trusts it besides the public ones', () => {
  const [acme, traefik, ...more] = ingressManifests(own, definitionWith(), network);
  expect(more).toEqual([]);
  expect(acme?.text).toMatchInlineSnapshot(`
    "apiVersion: v1
    kind: ConfigMap
    metadata:
      name: acme
      namespace: kube-system
    data:
      directory: https://ca.example.org/dir
      email: op@example.org
      ca.crt: |
        -----BEGIN CERTIFICATE-----
        MIIB
        -----END CERTIFICATE-----
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: acme
      namespace: default
    data:
      directory: https://ca.example.org/dir
      email: op@example.org
      ca.crt: |
        -----BEGIN CERTIFICATE-----
        MIIB
        -----END CERTIFICATE-----
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: traefik-challenges
      namespace: kube-system
    data:
      challenges.yaml: |
        http:
          routers:
            acme-challenges:
              rule: PathPrefix(\`/.well-known/acme-challenge/\`)
              entryPoints:
                - web
              service: acme-http@internal
              priority: 10000
    "
  `);
  expect(traefik?.text).toMatchInlineSnapshot(`
    "apiVersion: helm.cattle.io/v1
    kind: HelmChartConfig
    metadata:
      name: traefik
      namespace: kube-system
    spec:
      valuesContent: |
        additionalArguments:
          - --entrypoints.web.forwardedheaders.trustedips=10.42.0.0/16,10.209.1.16/28
          - --entrypoints.web.transport.respondingtimeouts.readtimeout=1h
          - --entrypoints.websecure.transport.respondingtimeouts.readtimeout=1h
          - --entrypoints.acme.address=127.0.0.1:8002
          - --providers.file.filename=/challenges/challenges.yaml
          - --certificatesresolvers.acme-http.acme.caserver=https://ca.example.org/dir
          - --certificatesresolvers.acme-http.acme.email=op@example.org
          - --certificatesresolvers.acme-http.acme.keytype=EC256
          - --certificatesresolvers.acme-http.acme.storage=/data/acme-http.json
          - --certificatesresolvers.acme-http.acme.certificatesduration=24
          - --certificatesresolvers.acme-http.acme.httpchallenge.entrypoint=acme
          - --certificatesresolvers.acme-tls.acme.caserver=https://ca.example.org/dir
          - --certificatesresolvers.acme-tls.acme.email=op@example.org
          - --certificatesresolvers.acme-tls.acme.keytype=EC256
          - --certificatesresolvers.acme-tls.acme.storage=/data/acme-tls.json
          - --certificatesresolvers.acme-tls.acme.certificatesduration=24
          - --certificatesresolvers.acme-tls.acme.tlschallenge=true
        persistence:
          enabled: true
          path: /data
          size: 128Mi
          accessMode: ReadWriteOnce
        affinity:
          nodeAffinity:
            requiredDuringSchedulingIgnoredDuringExecution:
              nodeSelectorTerms:
                - matchExpressions:
                    - key: node-role.kubernetes.io/control-plane
                      operator: Exists
        env:
          - name: LEGO_CA_CERTIFICATES
            value: /acme/ca.crt
          - name: LEGO_CA_SYSTEM_CERT_POOL
            value: "true"
        volumes:
          - name: traefik-challenges
            mountPath: /challenges
            type: configMap
          - name: acme
            mountPath: /acme
            type: configMap
    "
  `);
  expect([acme?.path, traefik?.path]).toEqual([
    '/var/lib/rancher/k3s/server/manifests/acme.yaml',
    '/var/lib/rancher/k3s/server/manifests/traefik-config.yaml',
  ]);
});

test('a public authority: no address where none is given, and nothing changes whom Traefik trusts', () => {
  const [acme, traefik] = ingressManifests(PUBLIC_AUTHORITY, definitionWith(), network);
  const objects = parseAllDocuments(acme?.text ?? '').map((document) => document.toJS());
  const told = objects.filter(({ metadata }) => metadata.name === 'acme');
  expect(told.map(({ data }) => data)).toEqual(Array(2).fill({ directory: PUBLIC_AUTHORITY.directory }));
  const values = parse(parse(traefik?.text ?? '').spec.valuesContent);
  expect(Object.keys(values)).toEqual(['additionalArguments', 'persistence', 'affinity', 'volumes']);
  expect(values.additionalArguments.join(' ')).not.toContain('email');
});

test('X-Forwarded-* are believed over HTTP alone: TLS comes as the client sent it', () => {
  const trusting = argumentsOf(own, '--cluster-cidr=10.50.0.0/16,fd00::/56').filter((arg) =>
    /forwardedheaders|proxyprotocol/i.test(arg),
  );
  expect(trusting).toEqual([
    '--entrypoints.web.forwardedheaders.trustedips=10.50.0.0/16,fd00::/56,10.209.1.16/28',
  ]);
});

test.each([
  ['no Traefik of k3s', '--disable=traefik'],
  ['nothing that installs it', '--disable-helm-controller'],
])('a lab with %s: what students install themselves is told of the authority', (_, arg) => {
  const paths = ingressManifests(own, definitionWith(arg), network).map(({ path }) => path);
  expect(paths).toEqual(['/var/lib/rancher/k3s/server/manifests/acme.yaml']);
});

test('a lab in which nothing gives out volumes: Traefik does not wait for one', () => {
  const [, traefik] = ingressManifests(own, definitionWith('--disable=local-storage'), network);
  expect(parse(parse(traefik?.text ?? '').spec.valuesContent)).not.toHaveProperty('persistence');
});

/** What may stand in a text and mean something in YAML, a template of Helm's, or an argument. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('\n', '\r\n', '---\n', ': ', '- ', '{{ .Values }}', '"', "'", '`', '#', '|', '\t', ' '),
      fc.constantFrom(
        '&a',
        '*a',
        '!!binary',
        '%YAML',
        'yes',
        '0x1',
        '1:20',
        '~',
        ' \n',
        ',',
        '\u2028',
        '\u0085',
        '\0',
      ),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 8 },
  )
  .map((words) => words.join(''));

test('no value becomes more than one text, whatever is in it', () => {
  const authorities = fc.record({
    directory: hostile,
    email: hostile,
    lifetime: fc.constant(3_600_000),
    root: hostile,
  });
  fc.assert(
    fc.property(authorities, hostile, (authority, arg) => {
      const manifests = ingressManifests(authority, definitionWith(arg, '--cluster-cidr', arg), network);
      for (const version of ['1.1', '1.2'] as const) {
        const [acme, traefik] = manifests.map(({ text }) =>
          parseAllDocuments(text, { version }).map((document) => document.toJS()),
        );
        const data = { directory: authority.directory, email: authority.email, 'ca.crt': authority.root };
        expect(acme?.map((object) => object.data)).toEqual([data, data, challengesOf(own)]);
        expect(traefik).toHaveLength(1);
        const values = parse(traefik?.[0].spec.valuesContent, { version });
        expect(Object.keys(values)).toEqual(Object.keys(valuesOf(own)));
        expect(values.additionalArguments).toHaveLength(argumentsOf(own).length);
        expect(values.additionalArguments).toContain(
          `--certificatesresolvers.acme-tls.acme.caserver=${authority.directory}`,
        );
        expect(values.additionalArguments[0]).toBe(argumentsOf(own)[0]);
      }
    }),
    { numRuns: 50 },
  );
});

function challengesOf(authority: typeof own): unknown {
  const [acme] = ingressManifests(authority, definitionWith(), network);
  return parseAllDocuments(acme?.text ?? '')
    .at(-1)
    ?.toJS().data;
}

function valuesOf(authority: typeof own, ...args: readonly string[]) {
  const [, traefik] = ingressManifests(authority, definitionWith(...args), network);
  return parse(parse(traefik?.text ?? '').spec.valuesContent);
}

function argumentsOf(authority: typeof own, ...args: readonly string[]): readonly string[] {
  return valuesOf(authority, ...args).additionalArguments;
}
