import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { parseInstanceId } from '../names/instance-id.ts';
import { parseLabName } from '../names/lab-name.ts';
import { parseUsername } from '../names/username.ts';
import {
  type BackupManifest,
  formatManifest,
  HOME_ARCHIVE,
  nodeArchive,
  parseManifest,
} from './backup-manifest.ts';

const sum = { bytes: 3, sha256: 'a'.repeat(64) };

const server = {
  role: 'server',
  number: 0,
  image: 'rancher/k3s:v1.35.0-k3s1',
  command: ['server', '--tls-san=alice.lab.example.org'],
  env: ['K3S_TOKEN=secret'],
  labels: { 'k3d.cluster.token': 'secret' },
  limits: { memory: 2 ** 31, cpus: 1.5, pids: 3000 },
} as const;

function manifest(agents = 0): Omit<BackupManifest, 'format'> {
  const [user, lab, instance] = [parseUsername('alice'), parseLabName('k3s'), parseInstanceId('abcd1234')];
  if (user === undefined || lab === undefined || instance === undefined) throw new Error('bad names');
  const nodes = [
    { ...server, command: [...server.command], env: [...server.env] },
    ...Array.from({ length: agents }, (_, number) => ({
      ...server,
      role: 'agent' as const,
      number,
      command: ['agent'],
      env: [],
    })),
  ];
  const archives = [HOME_ARCHIVE, ...nodes.map((node) => nodeArchive(node, 'k3s'))];
  return {
    user,
    lab,
    instance,
    made_at: '2026-11-28T12:00:00.000Z',
    home: true,
    cluster: { subnet: '10.209.0.16/28', startTimeout: 180_000, nodes },
    archives: Object.fromEntries(archives.map((name) => [name, sum])),
  };
}

/** The text of a manifest of which the value at `path` was replaced. */
function changed(path: readonly (string | number)[], value: unknown): string {
  const root: unknown = JSON.parse(formatManifest(manifest(1)));
  const parent = path.slice(0, -1).reduce((at: unknown, key) => Reflect.get(Object(at), key), root);
  Reflect.set(Object(parent), path.at(-1) ?? '', value);
  return JSON.stringify(root);
}

function refusal(text: string): FactoryError {
  try {
    parseManifest(text);
  } catch (thrown) {
    if (thrown instanceof FactoryError) return thrown;
    throw thrown;
  }
  throw new Error(`it was taken: ${text}`);
}

test.each([0, 1, 10])('what was written is read again: %i agents', (agents) => {
  expect(parseManifest(formatManifest(manifest(agents)))).toEqual({ format: 1, ...manifest(agents) });
});

test.each<[string, (string | number)[], unknown]>([
  ['an archive outside the folder', ['archives', '../../etc/shadow'], sum],
  ['an absolute archive', ['archives', '/etc/shadow'], sum],
  ['an archive of a node that is not there', ['archives', 'agent-7.k3s.tar.zst'], sum],
  ['an archive for another folder of a node', ['archives', 'server-0.root.tar.zst'], sum],
  ['a user that is a path', ['user'], '../alice'],
  ['a lab with a dot', ['lab'], 'k3s.home'],
  ['an instance that is none', ['instance'], 'ABCD1234'],
  ['mounts', ['cluster', 'nodes', 0, 'HostConfig'], { Binds: ['/:/host'] }],
  ['a key of ours in lower case', ['cluster', 'nodes', 0, 'binds'], ['/:/host']],
  ['privileges for the container', ['container'], { privileged: true }],
  ['labels of ours', ['cluster', 'nodes', 0, 'labels', 'ssh-lab-factory.user'], 'bob'],
  ['labels for somebody else', ['cluster', 'nodes', 0, 'labels', 'traefik.enable'], 'true'],
  ['a role that is none', ['cluster', 'nodes', 1, 'role'], 'loadbalancer'],
  ['two servers', ['cluster', 'nodes', 1, 'role'], 'server'],
  ['an agent that is missing', ['cluster', 'nodes', 1, 'number'], 1],
  ['a name with a path', ['cluster', 'nodes', 1, 'number'], '0/../x'],
  ['too large a network', ['cluster', 'subnet'], '0.0.0.0/0'],
  ['an image that is an option', ['cluster', 'nodes', 0, 'image'], '--privileged'],
  ['a variable without a name', ['cluster', 'nodes', 0, 'env'], ['=x']],
  ['no size', ['archives', HOME_ARCHIVE, 'bytes'], -1],
  ['a short sum', ['archives', HOME_ARCHIVE, 'sha256'], 'abc'],
])('%s is refused', (_, path, value) => {
  expect(refusal(changed(path, value)).code).toBe('BACKUP_INVALID');
});

test('a home or a node without its archive is refused', () => {
  for (const archives of [{ [HOME_ARCHIVE]: sum }, { 'server-0.k3s.tar.zst': sum }]) {
    expect(refusal(formatManifest({ ...manifest(), archives })).code).toBe('BACKUP_INVALID');
  }
});

test('a newer format says so, and nothing else is looked at', () => {
  expect(refusal('{"format": 2, "unheard": "of"}').message).toMatch(/newer factory/);
});

test('one that was cut off anywhere is refused', () => {
  const text = formatManifest(manifest(2)).trimEnd();
  fc.assert(
    fc.property(fc.integer({ min: 0, max: text.length - 1 }), (end) => {
      expect(refusal(text.slice(0, end)).code).toBe('BACKUP_INVALID');
    }),
  );
});

test('whatever else it holds, it is read or refused, and never more than it has words for', () => {
  const known = Object.keys({ format: 1, ...manifest() });
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (key, value) => {
      fc.pre(!known.includes(key) && key !== '__proto__');
      expect(refusal(changed([key], value)).code).toBe('BACKUP_INVALID');
    }),
  );
});
