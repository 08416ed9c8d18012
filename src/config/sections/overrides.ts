import { z } from 'zod';
import { variableName, variableValue } from '../environment-values.ts';
import { lifecycleFields } from '../lifecycle-values.ts';
import { byteSize } from '../values.ts';

function limits(of: string) {
  return z
    .strictObject({
      limits: z
        .strictObject({
          memory: byteSize.optional(),
          cpus: z
            .number()
            .min(0.05)
            .max(256)
            .optional()
            .meta({ description: 'Cores; 1.5 is one and a half.' }),
          pids: z.int().min(32).max(4_194_304).optional().meta({ description: 'Processes and threads.' }),
        })
        .prefault({}),
    })
    .prefault({})
    .meta({ description: `What ${of} may use.` });
}

/** What a group changes in its labs; each key stands in for the one of that name in lab.yaml. */
export const overrides = z.strictObject({
  env: z.record(variableName, variableValue).default({}).meta({
    description: 'Environment variables, beside those of the lab; taken as they are, without templates.',
  }),
  container: limits('the container'),
  cluster: limits('each node of the cluster, where the lab has one,'),
  lifecycle: z
    .strictObject(lifecycleFields)
    .prefault({})
    .meta({ description: 'When workspaces and sessions end.' }),
});
