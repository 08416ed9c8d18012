import { sshCommand } from '../inner/inner-advice.ts';
import { type LabFreeCommand, type NamedCommand, OK } from './gateway-command.ts';

export function helpCommand(others: readonly NamedCommand[]): LabFreeCommand {
  const help: LabFreeCommand = {
    name: '@help',
    summary: 'this list',
    async run({ print, destination }) {
      print(`Commands that the gateway carries out, for example: ${sshCommand(destination, '@status')}`);
      for (const { name, summary } of [help, ...others]) print(`  ${name.padEnd(12)} ${summary}`);
      return OK;
    },
  };
  return help;
}
