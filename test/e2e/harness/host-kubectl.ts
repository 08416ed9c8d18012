import { delimiter, dirname } from 'node:path';
import { execa } from 'execa';
import { findSetUp } from './set-up.ts';

/** Longer than any `--timeout` of kubectl's own; ms. */
const LONGEST = 150_000;

/** The real kubectl on this host, as on a student's own machine, with one kubeconfig file. */
export async function hostKubectl(kubeconfig: string, ...args: string[]): Promise<string> {
  const { k3d } = await findSetUp();
  const { stdout } = await execa('kubectl', ['--kubeconfig', kubeconfig, '--request-timeout=60s', ...args], {
    env: { PATH: `${process.env.PATH ?? ''}${delimiter}${dirname(k3d)}` },
    timeout: LONGEST,
  });
  return stdout;
}
