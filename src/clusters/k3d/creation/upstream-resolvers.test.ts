import { expect, test } from 'vitest';
import { VirtualClock } from '../../../time/testing/virtual-clock.ts';
import { upstreamResolvConf } from './upstream-resolvers.ts';

const { signal } = new AbortController();

/** What is found in these files; `later`: those that are changed by the second look. */
async function found(
  files: Record<string, string>,
  later: Record<string, string> = {},
): Promise<string | undefined> {
  const clock = new VirtualClock();
  const began = clock.now();
  const read = async (path: string) => {
    const text = (clock.now() === began ? undefined : later[path]) ?? files[path];
    if (text === undefined) throw new Error('ENOENT');
    return text;
  };
  const answer = upstreamResolvConf(signal, { read, clock });
  await clock.advance(1_000);
  return await answer;
}

test('takes the name servers and options of this host, and no search domains', async () => {
  const text =
    '# made by hand\nsearch example.org\nnameserver 192.0.2.53\nnameserver fd00::1\noptions ndots:1\n';
  expect(await found({ '/etc/resolv.conf': text })).toBe('nameserver 192.0.2.53\noptions ndots:1\n');
});

test('looks behind the stub of systemd-resolved', async () => {
  const files = {
    '/etc/resolv.conf': 'nameserver 127.0.0.53\n',
    '/run/systemd/resolve/resolv.conf': 'nameserver 192.0.2.1\n',
  };
  expect(await found(files)).toBe('nameserver 192.0.2.1\n');
});

test('leaves the choice to k3s where no server is of use', async () => {
  expect(await found({ '/etc/resolv.conf': 'nameserver 127.0.0.1\n' })).toBeUndefined();
  expect(await found({})).toBeUndefined();
});

test.each([
  ['empty', { '/etc/resolv.conf': '' }],
  ['missing', {}],
])('looks again at a file that is %s while it is written', async (_, files) => {
  const written = { '/etc/resolv.conf': 'nameserver 192.0.2.1\n' };
  expect(await found(files, written)).toBe('nameserver 192.0.2.1\n');
});

test('waits for nothing where the creation is given up', async () => {
  const clock = new VirtualClock();
  const gone = new AbortController();
  const answer = upstreamResolvConf(gone.signal, { read: async () => '', clock });
  const refused = expect(answer).rejects.toThrow('gone');
  await expect.poll(() => clock.pending).toBe(1);
  gone.abort(new Error('gone'));
  await refused;
  expect(clock.pending).toBe(0);
});
