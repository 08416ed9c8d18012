import { expect, test } from 'vitest';
import { packagedServices } from './running-server.ts';

const ALL = { dns: true, ingress: true };

test.each([
  ['nothing switched off', ['--tls-san=x'], ALL],
  [
    'nothing that is waited for',
    ['--disable=metrics-server,local-storage', '--disable-cloud-controller'],
    ALL,
  ],
  ['no DNS', ['--disable', 'coredns'], { dns: false, ingress: true }],
  ['no Traefik', ['--disable=metrics-server,traefik'], { dns: true, ingress: false }],
  [
    'nothing that leads to Traefik',
    ['--disable', 'metrics-server', '--disable=servicelb'],
    { dns: true, ingress: false },
  ],
  ['nothing that installs Traefik', ['--disable-helm-controller'], { dns: true, ingress: false }],
  ['a word for what is there', ['--disable-helm-controller=false'], ALL],
  ['neither', ['--disable=coredns', '--disable=traefik'], { dns: false, ingress: false }],
])('what k3s brings with %s', (_, args, expected) => {
  expect(packagedServices(['server', ...args])).toEqual(expected);
});
