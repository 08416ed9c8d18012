import { shownText } from '../picker/display-width.ts';
import type { LabFreeCommand } from './gateway-command.ts';
import { OK } from './gateway-command.ts';

/** For scripts: a line for each lab, with its name, its state in one word, and then the description, a space between. */
export const labsCommand: LabFreeCommand = {
  name: '@labs',
  summary: 'the labs that you may use, and how your workspace in each of them is',
  async run({ print, labs }) {
    for (const { name, state, description } of labs()) {
      print(`${name} ${state} ${shownText(description)}`.trimEnd());
    }
    return OK;
  },
};
