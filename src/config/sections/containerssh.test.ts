import { expect, test } from 'vitest';
import { containerSshSection, toContainerSshConfig } from './containerssh.ts';

const listen = '127.0.0.1:8422';
const tls = { cert: 'tls/cert.pem', key: '/etc/key.pem' };

test('paths are relative to the file', () => {
  const section = containerSshSection.parse({
    listen: '0.0.0.0:8422',
    secret: { file: 'secret' },
    tls: { ...tls, client_ca: 'ca.pem' },
  });
  expect(toContainerSshConfig(section, '/srv')).toEqual({
    listen: { host: '0.0.0.0', port: 8422 },
    secret: { kind: 'file', file: '/srv/secret' },
    tls: { cert: '/srv/tls/cert.pem', key: '/etc/key.pem', clientCa: '/srv/ca.pem' },
  });
  const plain = containerSshSection.parse({ listen, secret: { env: 'SECRET' } });
  expect(toContainerSshConfig(plain, '/srv')).toMatchObject({
    secret: { kind: 'env', name: 'SECRET' },
    tls: undefined,
  });
  expect(toContainerSshConfig(undefined, '/srv')).toBeUndefined();
});

test.each([
  ['open to everybody', { listen }, 'secret or tls.client_ca'],
  ['TLS, but open to everybody', { listen, tls }, 'secret or tls.client_ca'],
  ['in the clear over a network', { listen: '0.0.0.0:8422', secret: { env: 'X' } }, 'must have tls'],
  ['two places of the secret', { listen, secret: { env: 'X', file: 'x' } }, 'exactly one of'],
  ['the secret itself', { listen, secret: 'hush' }, 'expected object'],
  ['no variable', { listen, secret: { env: 'a b' } }, 'environment variable'],
  ['a certificate without a key', { listen, secret: { env: 'X' }, tls: { cert: 'x' } }, 'expected string'],
  ['no place to listen', { secret: { env: 'X' } }, 'an address and a port'],
  ['a key that there is none of', { listen, secret: { env: 'X' }, open: true }, 'open'],
])('%s is refused', (_, section, words) => {
  const { success, error } = containerSshSection.safeParse(section);
  expect([success, error?.message]).toEqual([false, expect.stringContaining(words)]);
});
