import fc from 'fast-check';
import { parseUsername } from '../../src/names/username.ts';
import { parseWorkspaceKey, type WorkspaceKey } from '../../src/names/workspace-key.ts';

/** A workspace, and its public host: the user's name or one that ends in it, as a lab's `routes.host` may say. */
export interface NamedWorkspace {
  readonly key: WorkspaceKey;
  readonly host: string;
}

/** With a second label that looks like a user's name, and dots that a pattern must not take for "any character". */
export const DOMAIN = 'bob.lab-7.example.test';

const ALPHABET = 'abo0l1-';

/** One step from a name to one that a careless pattern takes for it. Not each makes a legal name. */
const MUTATIONS: ReadonlyArray<(name: string, other: string) => string> = [
  (name) => `x${name}`,
  (name) => `${name}x`,
  (name, other) => `${other}-${name}`,
  (name, other) => `${name}-${other}`,
  (name, other) => name + other,
  (name) => name.slice(1),
  (name) => name.slice(0, -1),
  (name) => name.replace(/[ol]/, (letter) => (letter === 'o' ? '0' : '1')),
  (name) => name.replaceAll('-', ''),
  (name) => name.replaceAll('-', 'x'),
  (name) => `kube-${name}`,
  (name) => `www-${name}`,
  (name) => [...name].reverse().join(''),
];

/** Names that others are made from; the labels of the domain are legal names as well. */
const BASES = ['bob', 'alice', 'a', 'lab-7', 'example', 'test', 'kube', 'xn--bob'.replace('--', '-')];

const username = fc
  .oneof(
    fc.constantFrom(...BASES),
    fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 1, maxLength: 6 }),
  )
  .filter((name) => parseUsername(name) !== undefined);

const lookAlike = fc
  .tuple(
    fc.constantFrom(...BASES),
    username,
    fc.array(fc.constantFrom(...MUTATIONS), { minLength: 0, maxLength: 3 }),
  )
  .map(([base, other, steps]) => steps.reduce((name, step) => step(name, other), base))
  .filter((name) => parseUsername(name) !== undefined);

/** What a lab has before its user's name: nothing, a label, or another's name. */
const prefix = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom('k3s.', 'lab.', 'bob.', 'alice.', 'x.bob.') },
  { weight: 1, arbitrary: lookAlike.map((name) => `${name}.`) },
);

/** Sets of so many workspaces with hosts that differ. */
export function workspaces(count: number): fc.Arbitrary<readonly NamedWorkspace[]> {
  const parts = fc.tuple(lookAlike, prefix);
  return fc
    .uniqueArray(parts, { minLength: count, maxLength: count, selector: ([user, before]) => before + user })
    .map((chosen) =>
      chosen.map(([user, before], index) => ({
        key: required(parseWorkspaceKey(user, `lab-${index}`)),
        host: `${before}${user}.${DOMAIN}`,
      })),
    );
}

/** Names that somebody may ask for who means this host, or means to be taken for it. No label of theirs is empty. */
export function namesAround(host: string): readonly string[] {
  const [first = '', ...others] = host.split('.');
  const rest = others.join('.');
  return [
    host,
    host.toUpperCase(),
    `app.${host}`,
    `a_b.-.${host}`,
    `${host}.app.${host}`,
    `x${host}`,
    `-${host}`,
    `app.x${host}`,
    host.slice(1),
    `${first}x.${rest}`,
    `${first}-x.${rest}`,
    `${first}x${rest}`,
    `app.${host.replaceAll('.', 'x')}`,
    `app.${first}.${rest.replace('.', '-')}`,
    `${host}.example.org`,
    `${host}x`,
    rest,
  ].filter((name) => !name.startsWith('.'));
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('no legal name');
  return value;
}
