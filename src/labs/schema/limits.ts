import { z } from 'zod';
import { byteSize } from '../../config/values.ts';

/** What one container or node may use; `of`: which, for editors. */
export function limits(of: string, byDefault: { memory: string; cpus: number; pids: number }) {
  return z
    .strictObject({
      memory: byteSize.prefault(byDefault.memory).meta({ description: `Of ${of}.` }),
      cpus: z
        .number()
        .min(0.05)
        .max(256)
        .default(byDefault.cpus)
        .meta({ description: 'Cores; 1.5 is one and a half.' }),
      pids: z
        .int()
        .min(32)
        .max(4_194_304)
        .default(byDefault.pids)
        .meta({ description: 'Processes and threads.' }),
    })
    .prefault({});
}
