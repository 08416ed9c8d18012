import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANYTHING_ASSUMED, createLabPolicy, NOTHING_ALLOWED } from '../config/lab-policy.ts';
import { ProblemsError } from '../config/problem.ts';
import { parseLabName } from '../names/lab-name.ts';
import { type LabFolder, labFolder } from './testing/lab-folder.ts';

let labs: LabFolder;
beforeAll(async () => {
  labs = await labFolder();
});
afterAll(() => labs[Symbol.asyncDispose]());

async function mistakesIn(text: string, policy = ANYTHING_ASSUMED): Promise<readonly string[]> {
  const thrown: unknown = await labs.load(text, policy).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown === undefined) return [];
  if (!(thrown instanceof ProblemsError)) throw thrown;
  expect(thrown.code).toBe('LAB_INVALID');
  return thrown.message.split('\n');
}

const env = (value: string) => `container:\n  image: lab\n  env: { A: '${value}' }\n`;

describe('a mistake in a template is found before anybody uses the lab', () => {
  test.each([
    ['{{ usernam }}', 'there is no variable usernam; did you mean username?'],
    ['{{ user.name }}', /^there is no variable user\.name; did you mean username\?|; there are: username/],
    ['{{ nothing_like_it_at_all }}', /^there is no variable nothing_like_it_at_all; there are: username, /],
    ['{{ username.size }}', /^there is no variable username\.size/],
    ['{{ username.constructor }}', /^there is no variable/],
    ['{{ values.seat }}', /^values\.seat is not among hooks\.initialization\.values/],
    ['{{ values }}', /^values is not among/],
    ['{{ secrets | json }}', /^secrets is no secret that this lab may use/],
    ['{{ secrets[role] }}', /^secrets\.…: a name must be written out/],
    ['{% if false %}{{ usernam }}{% endif %}', 'there is no variable usernam; did you mean username?'],
    ['{{ username | upcas }}', 'there is no filter upcas; did you mean upcase?'],
    ['{{ "now" | date: "%s" }}', /^there is no filter date; /],
    ['{{ groups | sample }}', /^there is no filter sample; /],
    ['{% include "/etc/passwd" %}', /^there is no tag include; /],
    ['{% render "x" %}', /^there is no tag render; /],
    ['{% layout "x" %}', /^there is no tag layout; /],
    ['{{ username', /^is no template: output "\{\{ username" not closed; /],
    ['{% if role %}', /^is no template: .*not closed/],
    ['{{ session.idd }}', /^there is no variable session\.idd; did you mean session\.id\?/],
    ['{% for a in (1..1000000000) %}x{% endfor %}', /^takes too many steps/],
    ['{% for a in (1..99999) %}xxxxxxxxxx{% endfor %}', /^becomes longer than 64 KiB|^takes too many steps/],
  ])('%s', async (template, expected) => {
    const [mistake = 'none', ...more] = await mistakesIn(env(template.replaceAll("'", "''")));
    expect(more).toEqual([]);
    const [, message] = /^lab\/lab\.yaml:3:13: container\.env\.A: (.*)$/.exec(mistake) ?? [];
    if (typeof expected === 'string') expect(message).toBe(expected);
    else expect(message).toMatch(expected);
  });

  test.each([
    ['container: { image: "{{ session.id }}" }', /image: session\.id can be used in container\.env alone/],
    ['container: { image: "lab:{{ secrets.a }}" }', /image: secrets\.a can't be used here/],
    ['description: "{{ secrets.a }}"\ncontainer: { image: a }', /description: secrets\.a can't be used here/],
    ['container: { image: a }\nroutes: { host: "{{ host }}" }', /host: host is what this says/],
    [
      'container: { image: a }\nroutes: { host: "{{ values.a }}" }',
      /host: values\.a can't be used in a host/,
    ],
    [
      'container: { image: a }\nhooks: { initialization: { url: "https://a/{{ values.a }}", values: [a] } }',
      /url: values\.a can't be used in the hook that brings it/,
    ],
    [
      'container: { image: "{{ username }} x" }',
      /image: must be an image.*; for a sample user it is "sample-user x"/,
    ],
    [
      'container: { image: a, user: "{% if role == \'admin\' %}A B{% else %}lab{% endif %}" }',
      /must be the name of a Unix user; for a sample user it is "A B"/,
    ],
    [
      'container: { image: a, limits: { memory: "{{ values.m }}" } }\nhooks: { initialization: { url: "https://a/", values: [m] } }',
      /memory: must be a size/,
    ],
    ['container: { image: a, limits: { cpus: "{{ username }}" } }', /cpus: must be a number, not text/],
    ['container: { image: a, root: "{{ role }}" }', /root: must be one of: sudo, none/],
    ['container: { image: a }\nroutes: { host: alice }', /host: must be \{\{ username \}\} or end in/],
    [
      'container: { image: a }\nroutes: { host: "k3s-{{ username }}" }',
      /host: must be \{\{ username \}\} or end in/,
    ],
    ['container: { image: a, "{{ username }}": b }', /container\.\{\{ username \}\}: there is no such key/],
    ['container: { image: a, user: root, root: none }', /user: must be another user than root/],
    [
      'container: { image: a, egress: none }\ncluster: {}',
      /egress: can't be none together with a cluster: its nodes/,
    ],
    ['container: { image: a }\ntasks: []', /tasks: is for a later version/],
    ['container: {}', /image: is missing/],
    ['container: { image: a, files: [{ path: etc/motd, content: a }] }', /path: must be an absolute path/],
    ['container: { image: a, files: [{ path: /a/../b, content: a }] }', /path: must not have/],
    ['container: { image: a, files: [{ path: /proc/x, content: a }] }', /path: is the kernel's own/],
    [
      'container: { image: a, files: [{ path: /a, content: a, source: b }] }',
      /exactly one of: content, source/,
    ],
    [
      'container: { image: a, files: [{ path: /a, content: a, mode: 0644 }] }',
      /mode: must be text.*put it in quotes/,
    ],
    ['container: { image: a, files: [{ path: /a, source: ../b }] }', /source: must stay in the lab's folder/],
    ['container: { image: a, files: [{ path: /a, source: /b }] }', /source: must be a path below/],
    ['container: { image: a, files: [{ path: /a, source: b }] }', /source: is not there in the lab's folder/],
    ['container: { build: none }', /build: its Dockerfile is not there/],
    ['container: { image: a }\nhooks: { cleanup: { url: "ftp://a" } }', /url: must be a URL/],
    ['container: { image: a }\nhooks: { cleanup: { url: "https://u:p@a" } }', /url: must be a URL/],
    [
      'container: { image: a }\nhooks: { cleanup: { url: "https://a", required: true } }',
      /required: there is no such key/,
    ],
    [
      'container: { image: a }\nhooks: { cleanup: { url: "https://a", timeout: 2m } }',
      /timeout: must be from/,
    ],
    [
      'container: { image: a }\nhooks: { cleanup: { url: "https://a", headers: { Webhook-Id: x } } }',
      /Webhook-Id: is written by the factory/,
    ],
    [
      'container: { image: a }\nhooks: { cleanup: { url: "https://a", headers: { A: "x\\r\\nB: c" } } }',
      /A: must be one line/,
    ],
    [
      'container: { image: a }\nhooks: { cleanup: { url: "https://a", secret: "whsec_!" } }',
      /secret: must have base64/,
    ],
  ])('%s', async (text, expected) => {
    expect((await mistakesIn(`${text}\n`)).join('\n')).toMatch(expected);
  });
});

test('all at once, each with its line', async () => {
  const text =
    'container:\n  image: a b\n  env:\n    A: "{{ usernam }}"\n    B: "{{ role | upcas }}"\n  user: root\n  root: none\n  egress: none\ncluster: {}\ntasks: []\n';
  expect((await mistakesIn(text)).map((mistake) => mistake.split(': ').slice(0, 2).join(' '))).toEqual([
    'lab/lab.yaml:2:10 container.image',
    'lab/lab.yaml:4:8 container.env.A',
    'lab/lab.yaml:5:8 container.env.B',
    'lab/lab.yaml:6:9 container.user',
    'lab/lab.yaml:8:11 container.egress',
    'lab/lab.yaml:10:8 tasks',
  ]);
});

test('what is no template stands in raw', async () => {
  const catalogue = await labs.load(env('{% raw %}{{ .Values.image }}{% endraw %} and $' + '{HOME}'));
  expect(catalogue.all()[0]?.container.env).toEqual({ A: '{{ .Values.image }} and $' + '{HOME}' });
});

describe('a lab gets what the configuration names', () => {
  const other = parseLabName('other');
  const policy = createLabPolicy(
    [
      { name: 'token', value: 's3cr3t-of-all' },
      { name: 'theirs', value: 's3cr3t-of-others', labs: other === undefined ? [] : [other] },
    ],
    [
      { source: '/srv/data', write: false },
      { source: '/srv/data/out', write: true },
      { source: '/srv/theirs', write: true, labs: other === undefined ? [] : [other] },
    ],
  );
  const mount = (source: string, rest = '') =>
    `container: { image: a, mounts: [{ source: "${source}", target: /data${rest} }] }\n`;

  test.each(['/srv/data', '/srv/data/a', '/srv/data/{{ username }}', '/srv/data/out'])(
    '%s',
    async (source) => {
      expect(await mistakesIn(mount(source), policy)).toEqual([]);
      expect(await mistakesIn(mount(source))).toEqual([]);
      expect(await mistakesIn(mount(source), NOTHING_ALLOWED)).toEqual([
        expect.stringMatching(
          /mounts\[0\]\.source: is not among the mounts that the factory's configuration allows/,
        ),
      ]);
    },
  );

  test.each(['/srv', '/srv/database', '/srv/theirs', '/etc/shadow', '/var/run/docker.sock'])(
    'and not %s',
    async (source) => {
      expect(await mistakesIn(mount(source), policy)).toEqual([
        expect.stringMatching(/is not among the mounts/),
      ]);
    },
  );

  test.each(['/srv/data/../theirs', '/srv/data/./x', '/srv//data', 'srv/data', '/srv/data:/x', '/srv/data/'])(
    'and nothing that is not plain: %s',
    async (source) => {
      expect(await mistakesIn(mount(source), policy)).toEqual([expect.stringMatching(/source: must/)]);
    },
  );

  test('it writes only where that is said', async () => {
    expect(await mistakesIn(mount('/srv/data/out/x', ', read_only: false'), policy)).toEqual([]);
    expect(await mistakesIn(mount('/srv/data/x', ', read_only: false'), policy)).toEqual([
      expect.stringMatching(/source: may only be read/),
    ]);
  });

  test('secrets of its own, and no others', async () => {
    expect(await mistakesIn(env('{{ secrets.token }}'), policy)).toEqual([]);
    for (const [name, against] of [
      ['theirs', policy],
      ['tokn', policy],
      ['token', NOTHING_ALLOWED],
    ] as const) {
      expect(await mistakesIn(env(`{{ secrets.${name} }}`), against)).toEqual([
        expect.stringMatching(/is no secret that this lab may use/),
      ]);
    }
    expect(await mistakesIn(env('{{ secrets.anything }}'), ANYTHING_ASSUMED)).toEqual([]);
  });

  test('no message has one', async () => {
    const text =
      'container: { image: a }\nhooks: { cleanup: { url: "{{ secrets.token }}", secret: "whsec_{{ secrets.token }}" } }\n';
    const mistakes = await mistakesIn(text, policy);
    expect(mistakes).toHaveLength(2);
    expect(mistakes.join('\n')).not.toContain('s3cr3t');
  });
});

test("a link out of the lab's folder is refused, one within is not", async () => {
  await labs.write('lab/real.txt', '');
  await labs.write('outside.txt', '');
  await symlink(join(labs.folder, 'outside.txt'), join(labs.folder, 'lab/out.txt'));
  await symlink('real.txt', join(labs.folder, 'lab/in.txt'));
  const file = (source: string) => `container: { image: a, files: [{ path: /a, source: ${source} }] }\n`;
  expect(await mistakesIn(file('in.txt'))).toEqual([]);
  expect(await mistakesIn(file('out.txt'))).toEqual([
    expect.stringMatching(/source: is a link that leads out/),
  ]);
});

test('aliases without an end are a mistake like any other', async () => {
  expect(await mistakesIn('container: &a { image: b, env: { A: *a } }\n')).not.toEqual([]);
});

/** A right lab, whose characters are changed at random. */
const RIGHT =
  'container:\n  image: "a:{{ lab }}"\n  env: { A: "{{ username | upcase }}", B: "{% if role == \'student\' %}x{% endif %}" }\n  files: [{ path: /a, content: b }]\nhooks: { initialization: { url: https://a/, values: [b] } }\nroutes: { host: "x.{{ username }}" }\n';

test('no change of the text makes the check throw or hang', async () => {
  const pieces = fc.oneof(
    fc.constantFrom(
      '{{',
      '}}',
      '{%',
      '%}',
      '|',
      '"',
      ': ',
      '\n',
      '*',
      '&',
      '[',
      ']',
      '{% for a in groups %}',
      '{{ a }}',
      '__proto__',
      '<<: ',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  const change = fc.record({ at: fc.nat(RIGHT.length), remove: fc.nat(12), add: pieces });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 4 }), async (changes) => {
      const text = changes.reduce(
        (kept, { at, remove, add }) => kept.slice(0, at) + add + kept.slice(at + remove),
        RIGHT,
      );
      for (const mistake of await mistakesIn(text)) expect(mistake).toMatch(/^\S|^\s/);
    }),
    { numRuns: 400, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: true },
  );
}, 30_000);
