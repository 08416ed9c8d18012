import { expect, test } from 'vitest';
import { upstreamResolvConf } from './upstream-resolvers.ts';

const reader = (files: Record<string, string>) => async (path: string) => {
  const text = files[path];
  if (text === undefined) throw new Error('ENOENT');
  return text;
};

test('takes the name servers and options of this host, and no search domains', async () => {
  const text =
    '# made by hand\nsearch example.org\nnameserver 192.0.2.53\nnameserver fd00::1\noptions ndots:1\n';
  expect(await upstreamResolvConf(reader({ '/etc/resolv.conf': text }))).toBe(
    'nameserver 192.0.2.53\noptions ndots:1\n',
  );
});

test('looks behind the stub of systemd-resolved', async () => {
  const files = {
    '/etc/resolv.conf': 'nameserver 127.0.0.53\n',
    '/run/systemd/resolve/resolv.conf': 'nameserver 192.0.2.1\n',
  };
  expect(await upstreamResolvConf(reader(files))).toBe('nameserver 192.0.2.1\n');
});

test('leaves the choice to k3s where no server is of use', async () => {
  expect(await upstreamResolvConf(reader({ '/etc/resolv.conf': 'nameserver 127.0.0.1\n' }))).toBeUndefined();
  expect(await upstreamResolvConf(reader({}))).toBeUndefined();
});
