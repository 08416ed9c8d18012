import { expect, test } from 'vitest';
import type { AuthoritativeAnswer } from '../outside/authoritative.ts';
import type { HostAddresses } from '../outside/host-addresses.ts';
import { judgeNameServers } from './name-servers.ts';

const NAME = 'lab.example.org';

function host(...addresses: string[]): HostAddresses {
  return {
    name: NAME,
    a: { kind: 'answered', records: addresses },
    aaaa: { kind: 'answered', records: [] },
  };
}

const SILENT = { kind: 'failed', isServerFailure: false, reason: 'no answer in time' } as const;
const SILENT_HOST: HostAddresses = { name: NAME, a: SILENT, aaaa: SILENT };

function says(theirs: HostAddresses, aliases: readonly string[] = []): AuthoritativeAnswer {
  return { server: 'ns1.example.org', address: '192.0.2.53', hosts: [theirs], aliases };
}

test.each<[string, readonly AuthoritativeAnswer[], string]>([
  ['the same', [says(host('192.0.2.2', '192.0.2.1'))], 'right'],
  ['another address', [says(host('192.0.2.9'))], 'doubtful'],
  ['nothing', [says(host())], 'wrong'],
  ['an alias that leads to another zone', [says(host(), [NAME])], 'right'],
  [
    'the same, and another server is silent',
    [says(SILENT_HOST), says(host('192.0.2.1', '192.0.2.2'))],
    'right',
  ],
  [
    'the same, and another server says nothing of it',
    [says(host()), says(host('192.0.2.1', '192.0.2.2'))],
    'wrong',
  ],
  ['no word', [says(SILENT_HOST)], 'doubtful'],
  ['not who they are', [], 'doubtful'],
])('its own name servers say %s', (_, answers, verdict) => {
  expect(judgeNameServers([host('192.0.2.1', '192.0.2.2')], answers, undefined).verdict).toBe(verdict);
});

test('a hosts file that says otherwise is doubtful', () => {
  const hosts = [host('192.0.2.1')];
  const answers = [says(host('192.0.2.1'))];
  expect(judgeNameServers(hosts, answers, ['192.0.2.1']).verdict).toBe('right');
  expect(judgeNameServers(hosts, answers, ['127.0.1.1'])).toMatchObject({
    verdict: 'doubtful',
    remedy: ["grep -n 'lab.example.org' /etc/hosts"],
  });
});
