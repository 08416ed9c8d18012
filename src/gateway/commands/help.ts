import { sshCommand } from '../inner/inner-advice.ts';
import { type GatewayCommand, OK } from './gateway-command.ts';

export function helpCommand(others: readonly GatewayCommand[]): GatewayCommand {
  const help: GatewayCommand = {
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
