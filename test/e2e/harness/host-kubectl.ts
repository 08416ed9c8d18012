import { delimiter, dirname } from 'node:path';
import { execa } from 'execa';
import { PATIENCE } from './eventually.ts';
import { findSetUp } from './set-up.ts';

/** The real kubectl on this host, as on a student's own machine, with one kubeconfig file. */
export async function hostKubectl(kubeconfig: string, ...args: string[]): Promise<string> {
  const { k3d } = await findSetUp();
  const { stdout } = await execa('kubectl', ['--kubeconfig', kubeconfig, '--request-timeout=60s', ...args], {
    env: { PATH: `${process.env.PATH ?? ''}${delimiter}${dirname(k3d)}` },
    timeout: PATIENCE,
  });
  return stdout;
}
