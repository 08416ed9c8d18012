import { access, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { cacheFolder } from '../../../src/cli/setup-file.ts';
import { PATIENCE } from './eventually.ts';

export const PROJECT = resolve(import.meta.dirname, '../../..');

/** The program under test: what `npm run build` made, or an installed package's by `FACTORY_PROGRAM`. */
export const PROGRAM = process.env.FACTORY_PROGRAM ?? join(PROJECT, 'dist/cli/main.js');

/** The image that the labs of the tests use; the project's set-up builds it. */
export const LAB_IMAGE = 'ssh-lab-factory/lab-k3s:latest';
/** What the docs build labs from. */
export const BASE_LAB_IMAGE = 'ssh-lab-factory/lab-debian:latest';
export const WHOAMI_IMAGE = 'sshlab-testbed/whoami:1';

const setUpSchema = z.looseObject({
  k3d: z.string(),
  images: z.looseObject({ node: z.string(), traefik: z.string() }),
  k3dImages: z.looseObject({ tools: z.string(), loadbalancer: z.string() }).optional(),
  python: z.string().optional(),
});

/** What the project's set-up found or built: the file that `FACTORY_SETUP` names. */
export type SetUp = z.infer<typeof setUpSchema>;

/** Reads `FACTORY_SETUP`, or asks the test bed where it is not set. */
export async function findSetUp(): Promise<SetUp> {
  const file = process.env.FACTORY_SETUP;
  return file === undefined ? fromTestbed() : readSetUp(file);
}

/**
 * The python3 that has what `setup/python-tools.in` names, as modules; an absolute path. Reads the file of the last `npm test`
 * where `FACTORY_SETUP` is not set.
 */
export async function testPython(): Promise<string> {
  const cache = cacheFolder({ env: process.env, home: homedir(), workingFolder: PROJECT });
  const { python } = await readSetUp(process.env.FACTORY_SETUP ?? join(cache, 'setup-test.json'));
  if (python === undefined)
    throw new Error('the set-up file names no python: let `npm test` prepare the machine');
  return python;
}

async function readSetUp(file: string): Promise<SetUp> {
  return setUpSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

/** A program that only tests need: `npm test` has the test bed build it. */
export async function testProgram(name: string): Promise<string> {
  const [bin = ''] = await testbedSays('SSHLAB_TESTBED_BIN');
  const program = join(bin, name);
  await access(program).catch(() => {
    throw new Error(`${program} is missing; run \`testbed/up pebble\` first`);
  });
  return program;
}

async function fromTestbed(): Promise<SetUp> {
  const [bin = '', node = '', traefik = '', tools = '', loadbalancer = ''] = await testbedSays(
    'SSHLAB_TESTBED_BIN',
    'SSHLAB_TESTBED_NODE_IMAGE',
    'SSHLAB_TESTBED_TRAEFIK_IMAGE',
    'K3D_IMAGE_TOOLS',
    'K3D_IMAGE_LOADBALANCER',
  );
  return { k3d: `${bin}/k3d`, images: { node, traefik }, k3dImages: { tools, loadbalancer } };
}

async function testbedSays(...variables: readonly string[]): Promise<readonly string[]> {
  const script = `eval "$(testbed/env)"; for name in ${variables.join(' ')}; do echo "\${!name}"; done`;
  const { stdout } = await execa('bash', ['--norc', '-c', script], { cwd: PROJECT, timeout: PATIENCE });
  return stdout.split('\n');
}
