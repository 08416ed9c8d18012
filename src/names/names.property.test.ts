import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dockerNames } from './docker-names.ts';
import { type InstanceId, parseInstanceId } from './instance-id.ts';
import { type LabName, parseLabName } from './lab-name.ts';
import { parseLogin } from './login.ts';
import { parseUsername, type Username } from './username.ts';
import { formatWorkspaceKey, type WorkspaceKey } from './workspace-key.ts';

// Few letters and many hyphens, so that names which differ only in where the hyphen belongs come up often.
const parts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '1'), minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 6,
});
const joined = parts.map((words) => words.join('-'));

const user = joined.map(parseUsername).filter((name): name is Username => name !== undefined);
const lab = joined.map(parseLabName).filter((name): name is LabName => name !== undefined);
const key: fc.Arbitrary<WorkspaceKey> = fc.record({ user, lab });
const instance = fc
  .string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'), minLength: 8, maxLength: 8 })
  .map(parseInstanceId)
  .filter((id): id is InstanceId => id !== undefined);

/** Two keys whose plain joining with a hyphen is the same text: `a-b` + `c` and `a` + `b-c`. */
const lookAlikes = fc
  .tuple(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 }), parts)
  .map(([first, rest]) => [first, ...rest, 'z'].map(String))
  .chain((words) =>
    fc.tuple(
      fc.constant(words),
      fc.integer({ min: 1, max: words.length - 1 }),
      fc.integer({ min: 1, max: words.length - 1 }),
    ),
  )
  .map(([words, one, two]) => [split(words, one), split(words, two)] as const)
  .filter(
    (pair): pair is readonly [WorkspaceKey, WorkspaceKey] => pair[0] !== undefined && pair[1] !== undefined,
  );

function split(words: readonly string[], at: number): WorkspaceKey | undefined {
  const userName = parseUsername(words.slice(0, at).join('-'));
  const labName = parseLabName(words.slice(at).join('-'));
  return userName === undefined || labName === undefined ? undefined : { user: userName, lab: labName };
}

const pairs = fc.oneof(lookAlikes, fc.tuple(key, key));

function allNames(id: InstanceId, workspace: WorkspaceKey): readonly string[] {
  return Object.values(dockerNames(id, workspace));
}

test('two workspaces share no Docker name, and one workspace has none twice', () => {
  fc.assert(
    fc.property(instance, pairs, (id, [one, other]) => {
      const same = formatWorkspaceKey(one) === formatWorkspaceKey(other);
      const names = [...allNames(id, one), ...(same ? [] : allNames(id, other))];
      expect(new Set(names).size).toBe(names.length);
    }),
  );
});

test('two factories share no Docker name', () => {
  fc.assert(
    fc.property(instance, instance, key, key, (id, otherId, one, other) => {
      fc.pre(id !== otherId);
      const names = [...allNames(id, one), ...allNames(otherId, other)];
      expect(new Set(names).size).toBe(names.length);
    }),
  );
});

test("every name is one that Docker takes, and the cluster's one that k3d takes", () => {
  fc.assert(
    fc.property(instance, key, (id, workspace) => {
      for (const name of allNames(id, workspace)) expect(name).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/);
      const { cluster } = dockerNames(id, workspace);
      // RFC 1123 §2.1 as k3d checks it, and k3d's own limit of 32.
      expect(cluster).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/);
    }),
  );
});

test("the lab container's own network sorts before its cluster's", () => {
  fc.assert(
    fc.property(instance, key, (id, workspace) => {
      const { network, clusterNetwork } = dockerNames(id, workspace);
      expect(network < clusterNetwork).toBe(true);
    }),
  );
});

test('a login names the workspace that its text says, with either separator', () => {
  fc.assert(
    fc.property(key, fc.constantFrom('/', '+'), (workspace, separator) => {
      expect(parseLogin(`${workspace.user}${separator}${workspace.lab}`)).toEqual(workspace);
    }),
  );
});

test('no text makes a name that could leave its place in a path, a host or a Docker name', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom('a', '-', '.', '/', '+', '\n', 'K', 'ß') }),
      ),
      (text) => {
        const login = parseLogin(text);
        for (const name of [parseUsername(text), parseLabName(text), login?.user, login?.lab]) {
          if (name !== undefined) expect(name).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
