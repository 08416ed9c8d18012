import { execa } from 'execa';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { SshConfig } from '../../src/config/factory-config.ts';
import { testPython } from '../e2e/harness/set-up.ts';
import { GatewayUnderTest } from './gateway-under-test.ts';

const algorithms = z.array(
  z.object({
    algorithm: z.string(),
    notes: z.object({ fail: z.array(z.string()).default([]), warn: z.array(z.string()).default([]) }),
  }),
);
const reportSchema = z.object({
  additional_notes: z.array(z.string()),
  cves: z.array(z.unknown()),
  recommendations: z.record(z.string(), z.unknown()),
  kex: algorithms,
  key: algorithms,
  enc: algorithms,
  mac: algorithms,
});

const NOT_POST_QUANTUM = 'does not provide protection against post-quantum attacks';

test('where post-quantum key exchange is demanded, ssh-audit finds no failure and no warning', async () => {
  const { findings, offered, exitCode } = await audit('post_quantum');
  expect(findings).toEqual([]);
  expect(exitCode).toBe(0);
  expect(offered).toEqual(['mlkem768x25519-sha256', 'kex-strict-s-v00@openssh.com']);
});

test('otherwise it finds what lets in clients that have nothing better: X25519, and MACs of the plain text', async () => {
  const { findings, offered } = await audit('compatible');
  expect(findings).toEqual([
    `curve25519-sha256: ${NOT_POST_QUANTUM}`,
    `curve25519-sha256@libssh.org: ${NOT_POST_QUANTUM}`,
    ...['hmac-sha2-256', 'hmac-sha2-512'].map((mac) => `${mac}: using encrypt-and-MAC mode`),
  ]);
  expect(offered[0]).toBe('mlkem768x25519-sha256');
});

/** The rate test is left out: it counts how many connections one address may make in a second, which a class behind one address may. */
async function audit(keyExchange: SshConfig['keyExchange']) {
  await using it = await GatewayUnderTest.start({ keyExchange });
  // It waits 5 s for an answer unless it is told.
  const options = ['--json', '--skip-rate-test', '--timeout', '60', '--port', it.port];
  const args = ['-m', 'ssh_audit', ...options, '127.0.0.1'];
  const { stdout, exitCode } = await execa(await testPython(), args, { reject: false, timeout: 120_000 });
  const report = reportSchema.parse(JSON.parse(stdout));
  expect(report.cves).toEqual([]);
  if (keyExchange === 'post_quantum') expect(report.recommendations).toEqual({});
  // What it says of a peer that does not keep to strict key exchange; it finds that the gateway does.
  expect(report.additional_notes).toEqual([
    expect.stringMatching(/this target properly supports the strict key exchange/),
  ]);
  const findings = [report.kex, report.key, report.enc, report.mac]
    .flat()
    .flatMap(({ algorithm, notes }) => [...notes.fail, ...notes.warn].map((said) => `${algorithm}: ${said}`));
  return { findings, offered: report.kex.map(({ algorithm }) => algorithm), exitCode };
}
