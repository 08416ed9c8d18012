import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startNameServer } from '../testing/name-server.ts';
import { askAuthoritative } from './authoritative.ts';
import { relevantCaa } from './caa-records.ts';
import { createDns } from './dns.ts';
import { addressesOf, allAddresses } from './host-addresses.ts';

const never = new AbortController().signal;

async function addresses(server: string, name: string) {
  return allAddresses(await addressesOf(createDns([server]), name, never));
}

test('a wildcard is for all names below that have no records of their own, at every depth', async () => {
  await using server = await startNameServer(
    '*.lab.example.org. 300 IN A 192.0.2.1',
    '*.lab.example.org. 300 IN AAAA 2001:db8::1',
    'www.lab.example.org. 300 IN A 192.0.2.2',
  );
  expect(await addresses(server.address, 'x.bob.lab.example.org')).toEqual(['192.0.2.1', '2001:db8::1']);
  expect(await addresses(server.address, 'www.lab.example.org')).toEqual(['192.0.2.2']);
  expect(await addresses(server.address, 'lab.example.org')).toEqual([]);
  expect(await addresses(server.address, 'nothing.example.org')).toEqual([]);
});

test('aliases are followed', async () => {
  await using server = await startNameServer(
    '*.lab.example.org. 300 IN CNAME one.example.org.',
    'one.example.org. 300 IN CNAME two.example.org.',
    'two.example.org. 300 IN A 192.0.2.7',
  );
  expect(await addresses(server.address, 'bob.lab.example.org')).toEqual(['192.0.2.7']);
});

test('a server that fails is no server that knows nothing', async () => {
  await using server = await startNameServer('lab.example.org. 300 IN A 192.0.2.1');
  server.broken.add('lab.example.org');
  expect(await createDns([server.address]).a('lab.example.org', never)).toMatchObject({
    kind: 'failed',
    isServerFailure: true,
  });
});

test('a server that is silent is given up in time, and at once when told so', async () => {
  const silent = createSocket('udp4');
  silent.bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const dns = createDns([`127.0.0.1:${silent.address().port}`]);
  const stop = new AbortController();
  const expected = { kind: 'failed', isServerFailure: false, reason: 'no answer in time' };
  const told: string[] = [];
  const answer = dns.a('lab.example.org', stop.signal).finally(() => told.push('who stopped'));
  const other = dns.a('lab.example.org', never).finally(() => told.push('who waited'));
  await once(silent, 'message');
  stop.abort();
  expect(await Promise.all([answer, other])).toEqual([expected, expected]);
  expect(told).toEqual(['who stopped', 'who waited']);
  silent.close();
});

test('the CAA records are those of the nearest name that has any, whatever their tags', async () => {
  await using server = await startNameServer(
    'example.org. 300 IN CAA 0 issue "far.example"',
    'lab.example.org. 300 IN CAA 0 ISSUE "near.example; validationmethods=http-01"',
    'lab.example.org. 300 IN CAA 128 strange "x"',
    '*.lab.example.org. 300 IN A 192.0.2.1',
  );
  expect(await relevantCaa(createDns([server.address]), 'bob.lab.example.org', never)).toEqual({
    kind: 'records',
    at: 'lab.example.org',
    properties: expect.arrayContaining([
      { tag: 'issue', value: 'near.example; validationmethods=http-01', isCritical: false },
      { tag: 'strange', value: 'x', isCritical: true },
    ]),
  });
  expect(server.asked.toSorted()).toEqual(
    ['bob.lab.example.org', 'example.org', 'lab.example.org', 'org'].map((name) => `${name} CAA`),
  );
});

test("a domain's own name servers are found above it and asked themselves", async () => {
  await using world = await startNameServer(
    '*.lab.example.org. 300 IN A 192.0.2.1',
    'lab.example.org. 300 IN CNAME elsewhere.example.net.',
  );
  await using here = await startNameServer(
    'example.org. 300 IN NS ns1.example.org.',
    'ns1.example.org. 300 IN A 127.0.0.1',
    '*.lab.example.org. 300 IN A 10.0.0.1',
  );
  const question = {
    dns: createDns([here.address]),
    domain: 'lab.example.org',
    names: ['lab.example.org', 'bob.lab.example.org'],
    port: world.port,
  };
  const [answer, ...others] = await askAuthoritative(question, never);
  expect(others).toEqual([]);
  expect(answer).toMatchObject({ server: 'ns1.example.org', aliases: ['lab.example.org'] });
  expect(answer?.hosts.map(allAddresses)).toEqual([[], ['192.0.2.1']]);
});

test('what somebody put into their zone gets into no terminal and no command line', async () => {
  await using server = await startNameServer(
    // They would come first, and so many are asked at most.
    'example.org. 300 IN NS $(reboot).example.org.',
    'example.org. 300 IN NS $(reboot)2.example.org.',
    'example.org. 300 IN NS $(reboot)3.example.org.',
    'example.org. 300 IN NS ns1.example.org.',
    'ns1.example.org. 300 IN A 127.0.0.1',
    '$(reboot).example.org. 300 IN A 127.0.0.1',
    'example.org. 300 IN CAA 0 issue "\u001b[31mca.example"',
  );
  const dns = createDns([server.address]);
  const question = { dns, domain: 'example.org', names: ['example.org'], port: server.port };
  const answers = await askAuthoritative(question, never);
  expect(answers.map((answer) => answer.server)).toEqual(['ns1.example.org']);
  expect(await relevantCaa(dns, 'example.org', never)).toMatchObject({
    properties: [{ tag: 'issue', value: '?[31mca.example' }],
  });
});
