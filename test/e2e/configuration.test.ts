import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runFactory } from './harness/factory-command.ts';
import { writeFactoryFiles } from './harness/factory-files.ts';
import { makeRunFolder } from './harness/run-folder.ts';
import { sweepFolder } from './harness/sweeper.ts';
import { takePort } from './harness/taken-port.ts';

/** sysexits.h: EX_CONFIG. */
const EX_CONFIG = 78;

async function makeFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await makeRunFolder();
  await writeFactoryFiles(path, {});
  return { path, [Symbol.asyncDispose]: () => sweepFolder(path) };
}

async function replaceLine(file: string, from: RegExp, to: string): Promise<number> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  const index = lines.findIndex((line) => from.test(line));
  if (index === -1) throw new Error(`no line like ${from}`);
  lines[index] = to;
  await writeFile(file, lines.join('\n'));
  return index + 1;
}

test.for([
  { mistake: 'an unknown key', from: /^lifecycle:/, to: 'livecycle:', says: /lifecycle/ },
  { mistake: 'a wrong unit', from: /grace:/, to: '  grace: 5 parsecs', says: /60s/ },
  { mistake: 'no host name', from: /^domain:/, to: 'domain: "not a domain"', says: /host name/ },
  { mistake: 'broken YAML', from: /^domain:/, to: 'domain: "lab.test', says: /./ },
])('$mistake: exit 78, the place, and what to write instead', async ({ from, to, says }) => {
  await using folder = await makeFolder();
  const line = await replaceLine(join(folder.path, 'factory.yaml'), from, to);
  const { code, stderr } = await runFactory(folder.path, ['serve']);
  expect(code).toBe(EX_CONFIG);
  expect(stderr).toMatch(new RegExp(`factory\\.yaml:${to.includes('"lab.test') ? '\\d+' : line}\\b`));
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('a mistake in a lab: exit 78 and its place', async () => {
  await using folder = await makeFolder();
  const file = join(folder.path, 'labs', 'k3s', 'lab.yaml');
  const line = await replaceLine(file, /memory:/, '    memory: lots');
  const { code, stderr } = await runFactory(folder.path, ['serve']);
  expect(code).toBe(EX_CONFIG);
  expect(stderr).toContain(`lab.yaml:${line}`);
});

test('no configuration file: exit 78 and its name', async () => {
  await using folder = await makeFolder();
  await rm(join(folder.path, 'factory.yaml'));
  const { code, stderr } = await runFactory(folder.path, ['serve']);
  expect(code).toBe(EX_CONFIG);
  expect(stderr).toContain('factory.yaml');
});

test.for([/^ssh:/, /^web:/, /^ {2}http:/, /^ {2}https:/, /^ {2}kube:/])(
  'the port of %s in use: exit 1, as it may be free again soon, with the file, the line and the port',
  async (key) => {
    await using folder = await makeFolder();
    await using taken = await takePort();
    const file = join(folder.path, 'factory.yaml');
    const lines = (await readFile(file, 'utf8')).split('\n');
    const index = lines.findIndex((line) => key.test(line));
    const at = lines[index]?.includes('127.0.0.1:0') ? index : index + 1;
    lines[at] = (lines[at] ?? '').replace('127.0.0.1:0', `127.0.0.1:${taken.port}`);
    await writeFile(file, lines.join('\n'));

    const { code, stderr } = await runFactory(folder.path, ['serve']);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^factory.yaml:${at + 1}:\\d+: .*:${taken.port}`, 'm'));
    expect(stderr).not.toMatch(/^\s+at /m);
  },
);
