import type { GroupConfig } from '../config/factory-config.ts';
import type { Groups } from '../groups/groups.ts';
import type { Login } from '../names/login.ts';
import type { LabCatalogue } from './lab-catalogue.ts';
import type { LabAccess, LabDecision } from './lab-decision.ts';
import type { LabDefinition } from './lab-definition.ts';

/**
 * Access by the groups as they are at the login: a user may use the labs of every group they are in. Who names none gets the default
 * lab of the first of these groups that has one.
 */
export function createLabAccess(groups: Groups, catalogue: LabCatalogue): LabAccess {
  return {
    resolve: (login) => {
      const own = groups.of(login.user);
      const lab = login.lab ?? own.find(({ defaultLab }) => defaultLab !== undefined)?.defaultLab;
      return decide({ ...login, lab }, labsOf(own, catalogue));
    },
  };
}

/** In the order of the groups and of the labs in each; none twice. */
function labsOf(groups: readonly GroupConfig[], catalogue: LabCatalogue): readonly LabDefinition[] {
  const names = groups.flatMap(({ labs }) => labs);
  return [...new Set(names)].flatMap((name) => catalogue.get(name) ?? []);
}

function decide({ user, lab: asked }: Login, labs: readonly LabDefinition[]): LabDecision {
  const [first, ...others] = labs;
  if (first === undefined) {
    return {
      kind: 'refused',
      message: `There is no lab for ${user} here. Ask your instructor to add you to a group.`,
    };
  }
  if (asked === undefined) {
    return others.length > 0
      ? { kind: 'choose', labs }
      : { kind: 'lab', key: { user, lab: first.name }, lab: first, others: [] };
  }
  const lab = labs.find(({ name }) => name === asked);
  if (lab !== undefined) {
    const rest = labs.filter((each) => each !== lab).map(({ name }) => name);
    return { kind: 'lab', key: { user, lab: lab.name }, lab, others: rest };
  }
  // The same words whether the lab exists or not: what others may use is not this user's business.
  const names = labs.map(({ name }) => name).join(', ');
  return { kind: 'refused', message: `There is no lab ${asked} for ${user}. You may use: ${names}.` };
}
