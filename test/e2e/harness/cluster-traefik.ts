import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { eventually } from './eventually.ts';
import { kubectl } from './kubectl.ts';
import type { Student } from './student.ts';

const CONFIG = '-n kube-system helmchartconfig traefik';

const configSchema = z.object({ spec: z.object({ valuesContent: z.string() }) });
const valuesSchema = z.looseObject({ additionalArguments: z.array(z.string()).min(1) });

/** Changes the configuration of a cluster's own Traefik, as `kubectl edit` would; resolves when it is in force. */
export async function addTraefikArguments(student: Student, args: readonly string[]): Promise<void> {
  const found = configSchema.parse(JSON.parse(await kubectl(student, `get ${CONFIG} -o json`)));
  const values = valuesSchema.parse(parse(found.spec.valuesContent));
  values.additionalArguments.push(...args);
  const patch = JSON.stringify({ spec: { valuesContent: stringify(values) } });
  await kubectl(student, `patch ${CONFIG} --type merge --patch-file /dev/stdin`, patch);
  const taken = async () => {
    const deployment = await kubectl(student, '-n kube-system get deployment traefik -o json');
    return args.every((arg) => deployment.includes(JSON.stringify(arg)));
  };
  await eventually(taken, { what: 'the new arguments are in its Deployment' });
  await kubectl(student, '-n kube-system rollout status deployment/traefik --timeout=80s');
}
