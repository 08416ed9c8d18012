import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLabPolicy } from '../config/lab-policy.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { parseLabName } from '../names/lab-name.ts';
import { ROLES } from '../names/role.ts';
import { parseUsername } from '../names/username.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import { startProcessorTime } from '../time/testing/processor-time.ts';
import { NOTHING_GIVEN } from './lab-definition.ts';
import type { LabResolver } from './lab-resolver.ts';
import { createTemplateLabs } from './template-labs.ts';
import { type LabFolder, labFolder } from './testing/lab-folder.ts';

let labs: LabFolder;
beforeAll(async () => {
  labs = await labFolder();
});
afterAll(() => labs[Symbol.asyncDispose]());

const lab = parseLabName('lab');
const SECRET = 'correct-horse-battery';
const policy = createLabPolicy(
  [
    { name: 'token', value: SECRET },
    { name: 'others', value: 'not-for-this-lab', labs: [] },
  ],
  [{ source: '/srv/data', write: false }],
);
const SESSION = { id: 'd2c1', clientAddress: '192.0.2.7:50122' };

function keyOf(user: string): WorkspaceKey {
  const name = parseUsername(user);
  if (name === undefined || lab === undefined) throw new Error(`${user} is no user name`);
  return { user: name, lab };
}

async function resolver(text: string, groups: readonly string[] = ['k8s-2026']): Promise<LabResolver> {
  const catalogue = await labs.load(text, policy);
  return createTemplateLabs({
    catalogue,
    domain: 'lab.example.org',
    standingOf: () => ({ groups, role: 'student' }),
  });
}

const EVERYTHING = `
description: "{{ lab }} of {{ username | capitalize }}"
container:
  image: "registry.example.org/{{ environment }}:{{ values.tag | default: 'latest' }}"
  user: "{{ role }}"
  env:
    WHO: "{{ username }}@{{ host }} {{ groups | join: ',' }}"
    SEAT: "seat={{ values.seat }}"
    TOKEN: "{{ secrets.token }}"
    SESSION: "{{ session.id }} from {{ session.client_address }}"
  files:
    - { path: "/home/{{ role }}/{{ username }}.txt", content: "{% if role == 'student' %}study{% else %}teach{% endif %}\\n" }
  mounts: [{ source: "/srv/data/{{ username }}", target: /data }]
cluster:
  env: [{ envVar: "OWNER={{ username }}", nodeFilters: [all] }]
routes: { host: "k3s.{{ username }}" }
lifecycle: { grace: "{% if role == 'admin' %}1h{% else %}10s{% endif %}" }
hooks:
  initialization:
    url: "https://hooks.example.org/{{ domain }}"
    secret: "{{ secrets.token }}"
    headers: { X-User: "{{ username }}" }
    values: [tag, seat]
`;

describe('a lab is made for each user', () => {
  test('every place can have a template, and all that is known can be named', async () => {
    const resolve = await resolver(EVERYTHING);
    const given = { values: { tag: 'v2', seat: '7', more: 'x' } };
    expect(resolve.resolve(keyOf('alice'), given)).toMatchObject({
      description: 'lab of Alice',
      container: {
        image: 'registry.example.org/lab:v2',
        user: 'student',
        env: { WHO: 'alice@k3s.alice.lab.example.org k8s-2026', SEAT: 'seat=7', TOKEN: SECRET },
        files: [{ path: '/home/student/alice.txt', content: { kind: 'text', text: 'study\n' } }],
        mounts: [{ source: '/srv/data/alice', target: '/data', readOnly: true }],
      },
      cluster: { env: [{ envVar: 'OWNER=alice' }] },
      routes: { host: 'k3s.alice' },
      lifecycle: { grace: 10_000 },
      hooks: {
        initialization: {
          url: 'https://hooks.example.org/lab.example.org',
          secret: SECRET,
          headers: { 'X-User': 'alice' },
        },
      },
      given,
    });
  });

  test('values are empty before anything was given', async () => {
    const resolve = await resolver(EVERYTHING);
    const { container } = resolve.resolve(keyOf('bob'), NOTHING_GIVEN) ?? {};
    expect(container).toMatchObject({
      image: 'registry.example.org/lab:latest',
      env: { SEAT: 'seat=' },
    });
  });

  test('what mentions the session is of the session alone', async () => {
    const resolve = await resolver(EVERYTHING);
    const key = keyOf('alice');
    expect(Object.keys(resolve.resolve(key, NOTHING_GIVEN)?.container.env ?? {})).not.toContain('SESSION');
    expect(resolve.sessionEnv(key, NOTHING_GIVEN, SESSION)).toEqual({
      SESSION: 'd2c1 from 192.0.2.7:50122',
    });
  });

  test('without templates it is the same for all but for the host', async () => {
    const resolve = await resolver('container: { image: lab }\n');
    const [alice, bob] = ['alice', 'bob'].map((user) => resolve.resolve(keyOf(user), NOTHING_GIVEN));
    expect(alice?.routes.host).toBe('alice');
    expect(bob?.routes.host).toBe('bob');
    expect(alice?.container).toBe(bob?.container);
    expect(resolve.sessionEnv(keyOf('alice'), NOTHING_GIVEN, SESSION)).toEqual({});
  });

  test('an unknown lab is none', async () => {
    const resolve = await resolver('container: { image: lab }\n');
    const other = parseLabName('other') ?? keyOf('alice').lab;
    expect(resolve.resolve({ ...keyOf('alice'), lab: other }, NOTHING_GIVEN)).toBeUndefined();
  });
});

/** Texts that mean something elsewhere: in YAML, a shell, HTTP, Docker's command line, a path, a template. */
const HOSTILE = [
  '\n  privileged: true',
  '"}, "x": {"',
  "'; rm -rf / #",
  '$(reboot)',
  '`reboot`',
  '{{ secrets.token }}',
  '{% raw %}',
  '--privileged',
  '-v /:/host',
  'a\r\nX-Admin: yes',
  '../../etc/passwd',
  '/srv/data/../../etc',
  'a,readonly=false',
  'a:b:rw',
  '__proto__',
  'constructor',
  '\u0000',
  '\u202e\u{1f600}',
  '\ud800',
  '!!js/function x',
  '&a *a',
  'x'.repeat(1_000_000),
];

const PLACES = `
container:
  image: "lab{{ values.image }}"
  user: "u{{ values.user }}"
  env: { A: "<{{ values.env }}>" }
  files: [{ path: "/f{{ values.path }}", content: "<{{ values.content }}>" }]
  mounts: [{ source: "/srv/data/m{{ values.mount }}", target: "/t{{ values.target }}" }]
cluster:
  env: [{ envVar: "A=<{{ values.node_env }}>", nodeFilters: [all] }]
  options: { k3s: { extraArgs: [{ arg: "--x={{ values.arg }}", nodeFilters: [all] }] } }
hooks:
  initialization:
    url: https://hooks.example.org/
    values: [image, user, env, path, content, mount, target, node_env, arg, url, header]
  cleanup:
    url: "https://hooks.example.org/{{ values.url }}"
    headers: { X-A: "h{{ values.header }}" }
`;
const NAMES = 'image user env path content mount target node_env arg url header'.split(' ');

/** All keys and lengths of lists, without the values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]));
}

describe('a value is the text at its place and nothing else', () => {
  const text = fc.oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.stringMatching(/^[a-z0-9]{0,8}$/),
  );
  const values = fc.dictionary(fc.constantFrom(...NAMES), text);

  test('whatever a hook answers, the lab has the same shape and the text itself, or is refused', async () => {
    const resolve = await resolver(PLACES);
    const key = keyOf('alice');
    const shape = shapeOf({ ...resolve.resolve(key, NOTHING_GIVEN), given: {} });
    let accepted = 0;
    fc.assert(
      fc.property(values, (some) => {
        const given = { values: some };
        const made = attempt(() => resolve.resolve(key, given));
        if (made instanceof Error) return expectRefusal(made);
        accepted += 1;
        expect(shapeOf({ ...made, given: {} })).toEqual(shape);
        expect(made?.container).toMatchObject({
          image: `lab${some.image ?? ''}`,
          user: `u${some.user ?? ''}`,
          env: { A: `<${some.env ?? ''}>` },
          files: [{ path: `/f${some.path ?? ''}`, content: { text: `<${some.content ?? ''}>` } }],
          mounts: [
            { source: `/srv/data/m${some.mount ?? ''}`, target: `/t${some.target ?? ''}`, readOnly: true },
          ],
        });
        expect(made?.cluster?.env).toEqual([{ envVar: `A=<${some.node_env ?? ''}>`, nodeFilters: ['all'] }]);
        expect(made?.hooks.cleanup).toMatchObject({
          url: `https://hooks.example.org/${some.url ?? ''}`,
          headers: { 'X-A': `h${some.header ?? ''}` },
        });
      }),
      { numRuns: 400 },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  test.each([
    ['image', '\n  privileged: true'],
    ['image', ' --privileged'],
    ['user', ':0'],
    ['path', '/../../etc/passwd'],
    ['mount', '/../../../etc'],
    ['mount', ':rw'],
    ['target', ':rw'],
    ['url', '\r\nX-Admin: yes'],
    ['header', 'a\r\nX-Admin: yes'],
    ['header', '\u0000'],
    ['env', '\u0000'],
    ['content', 'x'.repeat(1_000_000)],
  ])('in %s %j is refused with the key and the file', async (name, value) => {
    const resolve = await resolver(PLACES);
    const made = attempt(() => resolve.resolve(keyOf('alice'), { values: { [name]: value } }));
    expectRefusal(made);
    // The same place takes a plain one.
    expect(resolve.resolve(keyOf('alice'), { values: { [name]: 'fine' } })).toBeDefined();
  });

  test.each(HOSTILE.slice(0, -1).filter((text) => !text.includes('\u0000')))(
    'the environment and a file take %j as it is',
    async (value) => {
      const resolve = await resolver(PLACES);
      const { container } = resolve.resolve(keyOf('alice'), { values: { env: value, content: value } }) ?? {};
      expect(container?.env.A).toBe(`<${value}>`);
      expect(container?.files[0]?.content).toEqual({ kind: 'text', text: `<${value}>` });
    },
  );

  test('names of groups and of users are texts as well', async () => {
    const catalogue = await labs.load(
      'container: { image: lab, env: { G: "<{{ groups | join: \'|\' }}>", U: "<{{ username }}>", R: "{{ role }}" } }\n',
      policy,
    );
    const username = fc.stringMatching(/^[a-z0-9]{1,5}(-[a-z0-9]{1,5}){0,3}$/);
    const groupNames = fc.array(
      fc.oneof(fc.constantFrom(...HOSTILE.slice(0, -1)), fc.string({ unit: 'binary' })),
    );
    fc.assert(
      fc.property(username, groupNames, fc.constantFrom(...ROLES), (user, groups, role) => {
        const { resolve } = createTemplateLabs({
          catalogue,
          domain: 'lab.example.org',
          standingOf: () => ({ groups, role }),
        });
        const made = attempt(() => resolve(keyOf(user), NOTHING_GIVEN));
        if (made instanceof Error) {
          expectRefusal(made);
          expect(groups.join('')).toContain('\u0000');
          return;
        }
        expect(made?.container.env).toEqual({ G: `<${groups.join('|')}>`, U: `<${user}>`, R: role });
      }),
      { numRuns: 300 },
    );
  });

  test('what is no text of an answer is nothing: a value that every object has is not there', async () => {
    const resolve = await resolver(
      'container: { image: lab, env: { A: "<{{ values.constructor }}>" } }\nhooks: { initialization: { url: "https://h.example.org", values: [constructor] } }\n',
    );
    expect(resolve.resolve(keyOf('alice'), NOTHING_GIVEN)?.container.env).toEqual({ A: '<>' });
  });
});

test('whatever the host becomes, it is below the name of its user', async () => {
  const catalogue = await labs.load(
    'container: { image: lab }\nroutes: { host: "{{ groups | first }}{{ username }}" }\n'.replace(
      '{{ groups | first }}',
      '{% if groups.size > 1 %}{{ groups | last }}{% endif %}',
    ),
    policy,
  );
  const names = fc.oneof(
    fc.constantFrom('a.', 'b-', 'bob.', '.', '-', 'A.', 'x.y.', 'ä.', '*.'),
    fc.string(),
  );
  const username = fc.constantFrom('alice', 'bob', 'b-bob', 'a');
  let accepted = 0;
  fc.assert(
    fc.property(username, names, (user, group) => {
      const { resolve } = createTemplateLabs({
        catalogue,
        domain: 'lab.example.org',
        standingOf: () => ({ groups: ['first', group], role: 'student' }),
      });
      const made = attempt(() => resolve(keyOf(user), NOTHING_GIVEN));
      if (made instanceof Error) return expectRefusal(made);
      accepted += 1;
      expect(made?.routes.host).toMatch(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9-]+$/);
      expect(made?.routes.host.split('.').at(-1)).toBe(user);
    }),
  );
  expect(accepted).toBeGreaterThan(0);
});

function attempt<T>(make: () => T): T | Error {
  try {
    return make();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function expectRefusal(made: unknown): void {
  if (!(made instanceof FactoryError)) throw made;
  expect(made.code).toBe('LAB_INVALID');
  expect(made.message).toMatch(/^lab\/lab\.yaml:\d+:\d+: [\w.[\]-]+: /);
  expect(made.message).not.toContain(SECRET);
}

describe('templates of a stranger', () => {
  const SLOW =
    '{% for a in (1..20) %}{% for b in (1..20) %}{% for c in (1..10) %}{% if c == 99 %}x{% endif %}{% endfor %}{% endfor %}{% endfor %}';

  test('are rendered once for a user, until their groups or what was given change', async () => {
    const catalogue = await labs.load(
      `container: { image: debian, env: { A: "{{ username }} {{ groups | join: ',' }} {{ values.v }}" } }\nhooks: { initialization: { url: "https://x.example.org", values: [v] } }\n`,
      policy,
    );
    const groups = ['one'];
    const resolve = createTemplateLabs({
      catalogue,
      domain: 'lab.example.org',
      standingOf: () => ({ groups: [...groups], role: 'student' }),
    });
    const resolved = (user: string, values: Record<string, string> = {}) =>
      resolve.resolve(keyOf(user), { values })?.container;
    const env = (user: string, values?: Record<string, string>) => resolved(user, values)?.env.A;
    const first = resolved('alice');
    expect(first?.env.A).toBe('alice one ');
    expect(env('bob')).toBe('bob one ');
    expect(env('alice', { v: '1' })).toBe('alice one 1');
    expect(resolved('alice')).toBe(first);
    expect(env('alice', { v: '2' })).toBe('alice one 2');
    groups.push('two');
    expect(env('alice')).toBe('alice one,two ');
    expect(env('alice', { v: '2' })).toBe('alice one,two 2');
  });

  test('that fail do so at once when they are asked for again', async () => {
    const resolve = await resolver(
      "container: { image: debian, env: { A: \"{% if username == 'bob' %}{{ groups.first | append: groups | split: '' | join: 'a' }}{% for a in (1..900000000) %}{% endfor %}{% endif %}\" } }\n",
    );
    expect(resolve.resolve(keyOf('alice'), NOTHING_GIVEN)).toBeDefined();
    const errors = [1, 2].map(() => {
      try {
        return resolve.resolve(keyOf('bob'), NOTHING_GIVEN);
      } catch (error) {
        return error;
      }
    });
    expect(errors[0]).toBeInstanceOf(FactoryError);
    expect(errors[1]).toBe(errors[0]);
  });

  test('have one second together, however many there are', async () => {
    const many = (count: number) =>
      `container:\n  image: debian\n  env:\n${Array.from({ length: count }, (_, at) => `    A${at}: "${SLOW}"`).join('\n')}\n`;
    await expect(resolver(many(1))).resolves.toBeDefined();
    const worked = startProcessorTime();
    await expect(resolver(many(600))).rejects.toThrow(/takes too many steps/);
    // For each role once; each text alone is quick enough.
    expect(worked()).toBeLessThan(15_000);
  });

  test.each([
    ['too many', Array.from({ length: 1_001 }, (_, at) => `    A${at}: "{{ lab }}"`)],
    ['too long', Array.from({ length: 30 }, (_, at) => `    A${at}: "${'{{ lab }}'.repeat(500)}"`)],
  ])('are refused where there are %s', async (_what, lines) => {
    const half = lines.slice(0, lines.length / 2);
    await expect(
      resolver(`container:\n  image: debian\n  env:\n${half.join('\n')}\n`),
    ).resolves.toBeDefined();
    const all = resolver(`container:\n  image: debian\n  env:\n${lines.join('\n')}\n`);
    await expect(all).rejects.toThrow(/has more than 1000 texts with a template, or more than 128 KiB/);
  });
});
