import { parse, stringify } from 'yaml';
import { z } from 'zod';

/** kubectl with the cluster's own kubeconfig. */
type Kubectl = (...args: string[]) => Promise<string>;

const deployment = z.object({
  spec: z.object({
    template: z.object({ spec: z.object({ containers: z.array(z.object({ args: z.array(z.string()) })) }) }),
  }),
});
const values = z.looseObject({ additionalArguments: z.array(z.string()) });
const IN_NAMESPACE = ['--namespace', 'kube-system'];

/** The arguments that k3s's Traefik is to run with. */
export async function traefikArguments(kubectl: Kubectl): Promise<readonly string[]> {
  const found = await kubectl('get', 'deployment', 'traefik', ...IN_NAMESPACE, '-o', 'json');
  return deployment.parse(JSON.parse(found)).spec.template.spec.containers.flatMap(({ args }) => args);
}

/** Adds an argument to the HelmChartConfig, as a student would with `kubectl edit`. */
export async function addTraefikArgument(kubectl: Kubectl, argument: string): Promise<void> {
  const object = ['helmchartconfig', 'traefik', ...IN_NAMESPACE];
  const content = values.parse(
    parse(await kubectl('get', ...object, '-o', 'jsonpath={.spec.valuesContent}')),
  );
  content.additionalArguments.push(argument);
  const patch = { spec: { valuesContent: stringify(content) } };
  await kubectl('patch', ...object, '--type', 'merge', '--patch', JSON.stringify(patch));
}
