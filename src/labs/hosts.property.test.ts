import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GroupConfig } from '../config/factory-config.ts';
import { ANYTHING_ASSUMED } from '../config/lab-policy.ts';
import { DEFAULT_LIFECYCLE } from '../config/lifecycle-values.ts';
import { reservedNames } from '../config/reserved-names.ts';
import { fixedGroups } from '../groups/groups.ts';
import { standingOf } from '../groups/standing.ts';
import { PLAIN_GROUP } from '../groups/testing/plain-group.ts';
import { parseUsername, type Username } from '../names/username.ts';
import { createHostOf } from './host-of.ts';
import type { LabCatalogue } from './lab-catalogue.ts';
import { loadLabs } from './load-labs.ts';
import { sharedHosts } from './shared-hosts.ts';
import { createTemplateLabs } from './template-labs.ts';
import { type LabFolder, labFolder } from './testing/lab-folder.ts';

const DOMAIN = 'lab.example.org';

/** By name; those that can clash with each other for somebody, and with users' names. */
const HOSTS: Readonly<Record<string, string | undefined>> = {
  bare: undefined,
  named: '{{ username }}',
  a: 'a.{{ username }}',
  b: '{{ lab }}.{{ username }}',
  twice: '{{ username }}.{{ username }}',
  deep: 'a-b.a.{{ username }}',
  moody: "{% if username == 'a' %}a.{% elsif role == 'admin' %}b.{% endif %}{{ username }}",
  grouped: "{% if groups contains 'g1' %}x-{{ groups.size }}.{% endif %}{{ username }}",
};

/** Right for the sample user, with whom labs are checked, and for all others what might be somebody else's: nobody gets these labs. */
const SLY: Readonly<Record<string, string>> = {
  sly: "{% if username == 'sample-user' %}a.{{ username }}{% else %}a{{ username }}{% endif %}",
  thief: "{% if username == 'sample-user' %}{{ username }}{% else %}{{ username }}.a{% endif %}",
};

let folder: LabFolder;
let labs: LabCatalogue;
beforeAll(async () => {
  folder = await labFolder();
  for (const [name, host] of Object.entries({ ...HOSTS, ...SLY })) {
    const routes = host === undefined ? '' : `routes: { host: ${JSON.stringify(host)} }\n`;
    await folder.write(`labs/${name}/lab.yaml`, `container: { image: lab }\ncluster: {}\n${routes}`);
  }
  labs = await loadLabs({
    folders: [`${folder.folder}/labs`],
    lifecycle: DEFAULT_LIFECYCLE,
    policy: ANYTHING_ASSUMED,
    workingFolder: folder.folder,
  });
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Few letters, so that names which begin or end with each other come up often: bob, xbob, bob-x, x-bob. */
const user = fc
  .array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 2 }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((words) => parseUsername(words.join('-')) ?? expect.fail());

const groupsWith = (names: readonly string[]) =>
  fc
    .array(
      fc.record({
        members: fc.uniqueArray(fc.oneof({ weight: 5, arbitrary: user }, fc.constant('*' as const)), {
          minLength: 1,
          maxLength: 8,
        }),
        labs: fc.subarray([...names], { minLength: 1 }),
        role: fc.constantFrom('student' as const, 'admin' as const),
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map((list) =>
      list.map(({ members, labs: given, role }, index) => ({
        ...PLAIN_GROUP,
        role,
        name: `g${index}`,
        members,
        labs: labs.all().flatMap(({ name }) => (given.includes(name) ? [name] : [])),
        defaultLab: undefined,
      })),
    );
const groupLists = groupsWith([...Object.keys(HOSTS), ...Object.keys(SLY)]);

const label = user.map(String);
const webHost = fc.oneof(
  fc.constant(DOMAIN),
  label.map((own) => `${own}.${DOMAIN}`),
  fc.tuple(label, label).map(([own, above]) => `${own}.${above}.${DOMAIN}`),
);

/** What each of these users gets from the routes, by the very code of the factory. */
function hostsOf(users: readonly Username[], list: readonly GroupConfig[]) {
  const groups = fixedGroups(list);
  const standing = (of: Username) => standingOf(of, groups);
  const hostOf = createHostOf(
    createTemplateLabs({ catalogue: labs, domain: DOMAIN, standingOf: standing }),
    DOMAIN,
  );
  return users.map((of) => {
    const own = new Set(groups.of(of).flatMap(({ labs: given }) => given));
    return { user: of, hosts: [...own].map((lab) => hostOf({ user: of, lab })) };
  });
}

const isAtOrBelow = (host: string, other: string) => host === other || host.endsWith(`.${other}`);

test('whatever the names, labs and groups: no host is, or is below, one of another user', () => {
  fc.assert(
    fc.property(groupLists, fc.uniqueArray(user, { minLength: 2, maxLength: 8 }), (list, users) => {
      const each = hostsOf(users, list);
      for (const one of each) {
        for (const other of each.filter((candidate) => candidate !== one)) {
          const foreign = one.hosts.filter((host) => other.hosts.some((theirs) => isAtOrBelow(host, theirs)));
          expect(foreign, `${one.user} and ${other.user}`).toEqual([]);
        }
      }
    }),
  );
});

test('nobody whose name is not reserved has a reserved host, one below it, or one around the own name of the factory', () => {
  fc.assert(
    fc.property(
      groupLists,
      fc.uniqueArray(user, { minLength: 1, maxLength: 8 }),
      fc.array(label, { maxLength: 3 }),
      webHost,
      (list, users, reserved, own) => {
        const taken = reservedNames({ domain: DOMAIN, webHost: own, reserved });
        const hosts = hostsOf(
          users.filter((name) => !taken.has(name)),
          list,
        ).flatMap((each) => each.hosts);
        for (const name of reserved) {
          expect(hosts.filter((host) => isAtOrBelow(host, `${name}.${DOMAIN}`))).toEqual([]);
        }
        expect(hosts.filter((host) => isAtOrBelow(own, host))).toEqual([]);
        // The control: nothing more is reserved than has to be.
        for (const name of taken.keys()) {
          const host = `${name}.${DOMAIN}`;
          expect(reserved.includes(name) || isAtOrBelow(own, host), name).toBe(true);
        }
      },
    ),
  );
});

test('the check finds two labs with one host just where a member has them', () => {
  fc.assert(
    fc.property(groupsWith(Object.keys(HOSTS)), (list) => {
      const members = [...new Set(list.flatMap((each) => each.members))].flatMap((name) =>
        name === '*' ? [] : [name],
      );
      const clashing = hostsOf(members, list).filter(({ hosts }) => new Set(hosts).size < hosts.length);
      const found = sharedHosts({ labs, groups: list, domain: DOMAIN });
      if (clashing.length > 0) expect(found).not.toEqual([]);
      const named = found.filter((shared) => shared.user !== '*').map((shared) => shared.user);
      const expected = clashing.map((each) => String(each.user));
      expect(named.filter((name) => !expected.includes(name))).toEqual([]);
      if (!list.some((each) => each.members.includes('*')))
        expect(found.length > 0).toBe(clashing.length > 0);
    }),
  );
});
