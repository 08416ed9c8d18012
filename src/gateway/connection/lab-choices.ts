import type { LabDefinition } from '../../labs/lab-definition.ts';
import { type Destination, sshLogin } from '../inner/inner-advice.ts';
import { shownText } from '../picker/display-width.ts';

type Choosable = Pick<LabDefinition, 'name' | 'description'>;

/** What somebody is told who has several labs and names none: a line for each. */
export function choicesText(labs: readonly Choosable[], example: Destination): string {
  const lines = labs.map(({ name, description }) => `  ${name}  ${shownText(description)}`);
  return ['You have several labs:', ...lines, `Say which one, for example: ${sshLogin(example)}`].join('\n');
}

/** The same in one line. */
export function choicesLine(labs: readonly Choosable[], example: Destination): string {
  const names = labs.map(({ name }) => name).join(', ');
  return `You have several labs: ${names}. Say which one, for example: ${sshLogin(example)}`;
}
