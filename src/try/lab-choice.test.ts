import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { parseLabChoice, shownUrl } from './lab-choice.ts';

test.each([
  ['https://git.example.org/class/labs.git', undefined, 'https://git.example.org/class/labs.git', '.'],
  ['https://git.example.org/labs#k8s/first', undefined, 'https://git.example.org/labs', 'k8s/first'],
  [
    'ssh://git@git.example.org:2222/labs.git',
    'k8s/../first',
    'ssh://git@git.example.org:2222/labs.git',
    'first',
  ],
  ['file:///srv/labs.git#a%20b', undefined, 'file:///srv/labs.git', 'a b'],
])('%s with --path %s is a repository', (text, path, href, folder) => {
  const choice = parseLabChoice(text, path);
  expect(choice).toMatchObject({ kind: 'repository', path: folder });
  expect(choice.kind === 'repository' && choice.url.href).toBe(href);
});

test.each(['k3s', 'labs/k3s', './mine', '../class/labs/first', '/srv/labs/k3s'])('%s is local', (text) => {
  expect(parseLabChoice(text, undefined)).toEqual({ kind: 'local', text });
});

test.each([
  ['http://git.example.org/labs.git', undefined, 'https, ssh or file'],
  ['ext::sh -c touch% x', 'labs', '--path goes with'],
  ['ext://sh', undefined, 'https, ssh or file'],
  ['ssh://-oProxyCommand=x/labs.git', undefined, 'hyphen'],
  ['ssh://-oProxyCommand=x@host/labs.git', undefined, 'hyphen'],
  ['git@git.example.org:class/labs.git', undefined, 'ssh://'],
  ['https://', undefined, 'no URL'],
  ['https://host/labs#a', 'b', 'not by both'],
  ['https://host/labs#../b', undefined, 'is not in the repository'],
  ['https://host/labs', '/etc', 'is not in the repository'],
  ['https://host/labs#%E0%A4%A', undefined, 'two digits'],
  ['https://host/%zz', undefined, 'two digits'],
])('%s with --path %s is refused', (text, path, sentence) => {
  expect(() => parseLabChoice(text, path)).toThrow(sentence);
});

test('whatever is given is a choice or is refused in words, and no choice leads out of its repository', () => {
  const url = fc
    .tuple(fc.constantFrom('https', 'ssh', 'file', 'http', '-'), fc.string())
    .map(([scheme, rest]) => `${scheme}://${rest}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), url), fc.option(fc.string(), { nil: undefined }), (text, path) => {
      try {
        const choice = parseLabChoice(text, path);
        return choice.kind === 'local' || !/^\/|^\.\.(\/|$)/.test(choice.path);
      } catch (error) {
        return error instanceof FactoryError;
      }
    }),
  );
});

test('a password is not shown', () => {
  expect(shownUrl(new URL('https://me:secret@host/labs.git'))).toBe('https://host/labs.git');
});
