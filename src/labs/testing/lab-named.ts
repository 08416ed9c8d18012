import { DEFAULT_LIFECYCLE } from '../../config/lifecycle-values.ts';
import { parseLabName } from '../../names/lab-name.ts';
import type { LabDefinition } from '../lab-definition.ts';
import { SAMPLE_USER } from '../templates/template-context.ts';

/** A lab for tests that only look at its name. */
export function labNamed(text: string): LabDefinition {
  const name = parseLabName(text);
  if (name === undefined) throw new Error(`${text} is no lab name`);
  return {
    name,
    description: '',
    folder: `/labs/${name}`,
    container: {
      image: 'lab',
      user: 'lab',
      env: {},
      build: undefined,
      root: 'sudo',
      files: [],
      home: 'kept',
      mounts: [],
      egress: 'open',
      limits: { memory: 2 ** 30, cpus: 1, pids: 512 },
    },
    cluster: undefined,
    routes: { host: SAMPLE_USER },
    lifecycle: { ...DEFAULT_LIFECYCLE, grace: 60_000, stopAfter: undefined },
    hooks: {},
    given: { values: {} },
  };
}
