import { InvalidArgumentError } from 'commander';
import { type NodeName, parseNodeName } from '../../names/node-name.ts';
import { type AddCommand, STATUS } from '../command-context.ts';
import { nodeLines } from '../status-text.ts';

export const addNodeCommands: AddCommand = (program, carry, name) => {
  const node = program
    .command('node')
    .description('the nodes of the cluster; lose one, and have it back')
    .addHelpText('after', `\nAn exercise:\n  ${name} node stop agent-0\n  kubectl get nodes --watch`);
  node
    .command('list')
    .description('the nodes, and how they are')
    .action(() =>
      carry(async ({ api, io }) => {
        const { nodes } = await api.status(io.signal);
        if (nodes === null) {
          io.note('The nodes can not be looked at now; try again in a moment.');
          return STATUS.failed;
        }
        io.print(nodes.length === 0 ? 'There are none now.' : nodeLines(nodes).join('\n'));
        return STATUS.ok;
      }),
    );
  node
    .command('stop')
    .description('lose an agent, as if its machine had broken down')
    .argument('<name>', 'such as agent-0', parseNode)
    .action((which: NodeName) =>
      carry(async ({ api, io }) => {
        await api.stopNode(which, io.signal);
        io.print(`${which} is down, until you type: ${name} node start ${which}`);
        return STATUS.ok;
      }),
    );
  node
    .command('start')
    .description('have it back, and wait until it is ready')
    .argument('<name>', 'such as agent-0', parseNode)
    .action((which: NodeName) =>
      carry(async ({ api, io }) => {
        await api.startNode(which, io.signal);
        io.print(`${which} is back.`);
        return STATUS.ok;
      }),
    );
};

function parseNode(text: string): NodeName {
  const name = parseNodeName(text);
  if (name === undefined) throw new InvalidArgumentError('A node is called agent-0, agent-1, …');
  return name;
}
