import type { Factory } from '../../harness/factory.ts';
import { type Attempt, NOT_PREVENTED, NOT_THERE, REFUSED } from '../attempt.ts';
import { atEveryAddress } from '../host-listeners.ts';
import { MetadataAddress } from '../metadata-address.ts';
import { HOST, LAB, type Place, PRIVILEGED_POD, STUDENTS_PLACES } from '../place.ts';
import { NODE_FILES } from '../pods.ts';
import type { Scene } from '../scene.ts';
import { answersHttp, page, read, tcp, unixSocket } from '../words.ts';

const openOnHost = (from: Place) => ({
  from,
  targets: ({ host }: Scene) => atEveryAddress([host.openPort]),
});

/** What listens on the host's loopback, tried at every address that the host has. */
const LOOPBACK: Readonly<Record<string, (scene: Scene) => readonly number[] | Promise<readonly number[]>>> = {
  "a server on the host's loopback": ({ host }) => [host.loopbackPort],
  "the factory's web server": ({ factory }) => [Number(new URL(factory.endpoints.web.url).port)],
  "Traefik's API": ({ traefikApi }) => [portOf(traefikApi)],
  'the published ports of the clusters': ({ hers, his }) => [...hers.published, ...his.published].map(portOf),
  "all else that listens on the host's loopback": ({ host }) => host.loopbackPorts(),
};

const PORTS: readonly Attempt[] = STUDENTS_PLACES.flatMap((from) => [
  ...Object.entries(LOOPBACK).map(([what, ports]) => ({
    what,
    words: tcp,
    // One that listens on all addresses shows that the way there is open.
    control: openOnHost(from),
    at: { from, targets: async (scene: Scene) => atEveryAddress(await ports(scene)) },
    expected: REFUSED,
  })),
  {
    what: "a server on the host's loopback, by the place's own loopback",
    words: tcp,
    control: { from: HOST, targets: ({ host }) => [`127.0.0.1:${host.loopbackPort}`] },
    at: { from, targets: ({ host }) => [`127.0.0.1:${host.loopbackPort}`] },
    expected: REFUSED,
  },
  {
    what: 'a server of the host on all addresses',
    words: tcp,
    control: openOnHost(HOST),
    at: openOnHost(from),
    expected: NOT_PREVENTED,
  },
]);

/** Files of the host, and where a place would have them. */
const FILES: readonly Attempt[] = STUDENTS_PLACES.flatMap((from) => {
  const root = from === PRIVILEGED_POD ? NODE_FILES : '';
  const paths = (find: (scene: Scene) => readonly string[]) => ({
    control: { from: HOST, targets: find },
    at: { from, targets: (scene: Scene) => find(scene).map((path) => `${root}${path}`) },
    expected: NOT_THERE,
  });
  return [
    {
      what: "Docker's socket",
      words: unixSocket,
      ...paths(() => ['/var/run/docker.sock', '/run/docker.sock']),
    },
    { what: "the operator's socket", words: unixSocket, ...paths(({ controlSocket }) => [controlSocket]) },
    {
      what: "the cluster service's socket",
      words: unixSocket,
      ...paths(({ clustersSocket }) => [clustersSocket]),
    },
    {
      what: "the factory's files",
      words: read,
      ...paths(({ factory }) => filesOf(factory)),
    },
  ];
});

/** What a privileged pod calls process 1 is the node's, not the host's. */
const BY_PROCESS_1: Attempt = {
  what: "the factory's files, as process 1 sees them",
  words: (path) => `nsenter --target 1 --mount cat ${path} >/dev/null`,
  control: { from: PRIVILEGED_POD, targets: () => ['/etc/hostname'] },
  at: { from: PRIVILEGED_POD, targets: ({ factory }) => filesOf(factory) },
  expected: NOT_THERE,
};

/** A page of Traefik's API that it has where it is. */
const API_PAGE = '/api/rawdata';

/** What anybody in the world may type at the doors of the host, students among them: Traefik itself says that it is not there. */
const DOORS: readonly Attempt[] = [
  ...[...STUDENTS_PLACES, HOST].map((from) => ({
    what: "Traefik's API by the door of the routes",
    words: page(API_PAGE),
    control: { from: HOST, targets: ({ traefikApi }: Scene) => [traefikApi] },
    at: { from, targets: ({ factory }: Scene) => [doorOf(factory, 'http')] },
    expected: { kind: 'refused', saying: /answered 404/ } as const,
  })),
  ...([LAB, HOST] as const).map((from) => ({
    what: "Traefik's API by the door of the routes by TLS",
    words: (target: string) => `curl -fsSk --max-time 10 ${target}${API_PAGE} >/dev/null`,
    control: { from: HOST, targets: ({ traefikApi }: Scene) => [`http://${traefikApi}`] },
    at: { from, targets: ({ factory }: Scene) => [`https://${doorOf(factory, 'https')}`] },
    // Of no name that it has there is not even a handshake.
    expected: { kind: 'refused', saying: /unrecognized name/ } as const,
  })),
];

/** As docs/security.md says, with what to do about it: it is like any other address outside. */
const METADATA: readonly Attempt[] = MetadataAddress.possible
  ? STUDENTS_PLACES.map((from) => ({
      what: 'the metadata address of a cloud',
      words: answersHttp,
      control: { from: HOST, targets: metadata },
      at: { from, targets: metadata },
      expected: NOT_PREVENTED,
    }))
  : [];

export const HOST_ATTEMPTS: readonly Attempt[] = [...PORTS, ...FILES, BY_PROCESS_1, ...DOORS, ...METADATA];

function filesOf({ folder }: Factory): readonly string[] {
  return ['factory.yaml', 'data/instance-id', 'ready.json'].map((name) => `${folder}/${name}`);
}

function doorOf({ endpoints }: Factory, door: 'http' | 'https'): string {
  const { host, port } = endpoints.routes[door];
  return `${host}:${port}`;
}

function metadata({ metadata }: Scene): readonly string[] {
  return metadata === undefined ? [] : [metadata.target];
}

function portOf(target: string): number {
  return Number(target.slice(target.lastIndexOf(':') + 1));
}
