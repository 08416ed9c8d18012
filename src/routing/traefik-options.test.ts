import { expect, test } from 'vitest';
import { freshInstance } from '../../test/fresh-names.ts';
import { PUBLIC_AUTHORITY } from '../acme/testing/public-authority.ts';
import { containerOptions, type OwnAcme } from './traefik-options.ts';

function optionsWith(root: string | undefined): readonly string[] {
  const acme: OwnAcme = { authority: PUBLIC_AUTHORITY, folder: '/acme', storage: 'acme.json', root };
  const listen = { host: '127.0.0.1', port: 0 };
  const listens = { http: listen, https: listen, kube: listen };
  const setup = { instance: freshInstance(), image: 'traefik', folder: '/routes', listens, acme };
  const { Cmd = [] } = containerOptions(setup, { http: 1, https: 2, kube: 3, api: 4 }, 'digest');
  return [...Cmd].filter((option) => /certpool|cacertificates/i.test(option));
}

test('the root of what an authority gives out is trusted beside the public ones, by which its server may be known', () => {
  expect(optionsWith('root.pem')).toEqual([
    '--certificatesresolvers.own.acme.cacertificates=/etc/ssh-lab-factory/acme/root.pem',
    '--certificatesresolvers.own.acme.casystemcertpool=true',
  ]);
  expect(optionsWith(undefined)).toEqual([]);
});
