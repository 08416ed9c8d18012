import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GroupConfig, LabOverrides } from '../config/factory-config.ts';
import { NEVER } from '../config/values.ts';
import { fixedGroups } from '../groups/groups.ts';
import { PLAIN_GROUP } from '../groups/testing/plain-group.ts';
import { parseWorkspaceKey } from '../names/workspace-key.ts';
import { createLabResolver } from './group-labs.ts';
import { withOverrides } from './group-overrides.ts';
import { createLabCatalogue } from './lab-catalogue.ts';
import { type LabDefinition, NOTHING_GIVEN } from './lab-definition.ts';
import { labNamed } from './testing/lab-named.ts';
import { plainLabs } from './testing/plain-labs.ts';

const PLAIN: LabDefinition = {
  ...labNamed('k3s'),
  container: { ...labNamed('k3s').container, env: { A: 'lab', OWN: 'lab' } },
};
const LAB: LabDefinition = {
  ...PLAIN,
  cluster: {
    image: undefined,
    servers: 1,
    agents: 0,
    limits: { memory: 2 ** 31, cpus: 2, pids: 4096 },
    env: [],
    options: { k3s: { extraArgs: [], nodeLabels: [] } },
    startTimeout: 180_000,
  },
};
const OTHER = labNamed('other');

function group(overrides: Partial<LabOverrides>, lab = LAB.name): GroupConfig {
  return {
    ...PLAIN_GROUP,
    name: 'a',
    members: ['*'],
    labs: [lab],
    defaultLab: undefined,
    overrides: { ...PLAIN_GROUP.overrides, ...overrides },
  };
}

const number = fc.integer({ min: 1, max: 9 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const limits = fc.record({ memory: maybe(number), cpus: maybe(number), pids: maybe(number) });
const lifecycle = fc.record({
  grace: maybe(number),
  stop_after: maybe(fc.oneof(number, fc.constant(NEVER))),
  delete_after: maybe(fc.oneof(number, fc.constant(NEVER))),
  idle_disconnect: maybe(fc.oneof(number, fc.constant(NEVER))),
  max_session: maybe(fc.oneof(number, fc.constant(NEVER))),
  max_extension: maybe(number),
  left_behind_after: maybe(number),
});
const env = fc.dictionary(fc.constantFrom('A', 'B', 'C', '__proto__'), fc.string({ maxLength: 3 }), {
  noNullPrototype: true,
});
const anyGroup = fc
  .tuple(
    fc.record({ env, container: limits, cluster: limits, lifecycle }),
    fc.constantFrom(LAB.name, OTHER.name),
  )
  .map(([overrides, lab]) => group(overrides, lab));

describe('whatever the groups of a user say', () => {
  /** Of the groups with the lab, what the first says that says something; else `own`. */
  function first<T>(
    groups: readonly GroupConfig[],
    own: T,
    of: (overrides: LabOverrides) => T | undefined,
  ): T {
    const said = groups.filter(({ labs }) => labs.includes(LAB.name)).map(({ overrides }) => of(overrides));
    return said.find((value) => value !== undefined) ?? own;
  }
  const orNever = <T>(value: T | typeof NEVER): T | undefined => (value === NEVER ? undefined : value);

  test('the first of those that have the lab counts for each setting, and nothing else changes', () => {
    fc.assert(
      fc.property(fc.array(anyGroup, { maxLength: 4 }), fc.constantFrom(LAB, PLAIN), (groups, lab) => {
        const of = <T>(own: T, get: (overrides: LabOverrides) => T | undefined) => first(groups, own, get);
        const limitsOf = (
          part: 'container' | 'cluster',
          own: { memory: number; cpus: number; pids: number },
        ) => ({
          memory: of(own.memory, (said) => said[part].memory),
          cpus: of(own.cpus, (said) => said[part].cpus),
          pids: of(own.pids, (said) => said[part].pids),
        });
        const own = lab.lifecycle;
        const names = ['A', 'B', 'C', 'OWN', '__proto__'];
        expect(withOverrides(lab, groups)).toEqual({
          ...lab,
          container: {
            ...lab.container,
            limits: limitsOf('container', lab.container.limits),
            env: Object.fromEntries(
              names.flatMap((name) => {
                const get = (values: Readonly<Record<string, string>>) =>
                  Object.hasOwn(values, name) ? values[name] : undefined;
                const value = of(get(lab.container.env), (said) => get(said.env));
                return value === undefined ? [] : [[name, value]];
              }),
            ),
          },
          cluster: lab.cluster && { ...lab.cluster, limits: limitsOf('cluster', lab.cluster.limits) },
          lifecycle: {
            grace: of(own.grace, (said) => said.lifecycle.grace),
            stopAfter: orNever(of(own.stopAfter ?? NEVER, (said) => said.lifecycle.stop_after)),
            deleteAfter: orNever(of(own.deleteAfter ?? NEVER, (said) => said.lifecycle.delete_after)),
            idleDisconnect: orNever(
              of(own.idleDisconnect ?? NEVER, (said) => said.lifecycle.idle_disconnect),
            ),
            maxSession: orNever(of(own.maxSession ?? NEVER, (said) => said.lifecycle.max_session)),
            maxExtension: of(own.maxExtension, (said) => said.lifecycle.max_extension),
            leftBehindAfter: of(own.leftBehindAfter, (said) => said.lifecycle.left_behind_after),
          },
        });
      }),
    );
  });

  test('without a group that has the lab it is the lab itself', () => {
    expect(withOverrides(LAB, [group({ env: { A: 'b' } }, OTHER.name)])).toBe(LAB);
  });
});

test('a resolver lays the groups of the user over the labs, as they are then', () => {
  const key = parseWorkspaceKey('alice', 'k3s') ?? expect.fail();
  const base = {
    ...plainLabs(createLabCatalogue([LAB])),
    sessionEnv: () => ({ A: 'session', S: 'session' }),
  };
  let groups = [group({ env: { A: 'one' }, container: { memory: 1 } })];
  const resolver = createLabResolver({ base, groups: { of: (user) => fixedGroups(groups).of(user) } });
  expect(resolver.resolve(key, NOTHING_GIVEN)?.container).toMatchObject({
    env: { A: 'one', OWN: 'lab' },
    limits: { memory: 1, cpus: 1 },
  });
  const session = { id: 's', clientAddress: '192.0.2.7:1' };
  expect(resolver.sessionEnv(key, NOTHING_GIVEN, session)).toEqual({ A: 'one', S: 'session' });
  groups = [];
  expect(resolver.resolve(key, NOTHING_GIVEN)).toBe(LAB);
  const unknown = parseWorkspaceKey('alice', 'nothing') ?? expect.fail();
  expect(resolver.resolve(unknown, NOTHING_GIVEN)).toBeUndefined();
});
