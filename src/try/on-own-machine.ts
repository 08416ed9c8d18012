import type { LabDefinition } from '../labs/lab-definition.ts';

/** The lab for whoever has the machine to themselves: what ends sessions to spare a host for others has no meaning there. */
export function onOwnMachine(lab: LabDefinition): LabDefinition {
  const { lifecycle } = lab;
  return {
    ...lab,
    lifecycle: { ...lifecycle, idleDisconnect: undefined, maxSession: undefined, deleteAfter: undefined },
  };
}
