import { type LabName, parseLabName } from './lab-name.ts';
import { parseUsername, type Username } from './username.ts';

/** What an SSH user name asks for: a user, and perhaps one lab of theirs. */
export interface Login {
  readonly user: Username;
  readonly lab: LabName | undefined;
}

/** Reads `alice`, `alice/k3s` and `alice+k3s` (for tools that dislike a slash); undefined for anything else. */
export function parseLogin(text: string): Login | undefined {
  const [name = '', lab, ...rest] = text.split(/[/+]/);
  const user = parseUsername(name);
  if (user === undefined || rest.length > 0) return undefined;
  if (lab === undefined) return { user, lab: undefined };
  const labName = parseLabName(lab);
  return labName === undefined ? undefined : { user, lab: labName };
}
