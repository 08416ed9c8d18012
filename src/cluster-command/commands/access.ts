import { type AddCommand, STATUS } from '../command-context.ts';

export const addKubeconfigCommand: AddCommand = (program, carry, name) => {
  const kubeconfig = program.command('kubeconfig');
  // In the lab kubectl has its own already; at the gateway there is nobody but the student's own machine. There the option changes
  // nothing, and is taken because both commands are one to their reader.
  if (name === '@cluster') {
    kubeconfig
      .description('a kubeconfig for your own machine')
      .option('--outside', 'the same')
      .action(() => carry(async ({ api, io }) => printKubeconfig(api.kubeconfig('outside', io.signal), io)));
    return;
  }
  kubeconfig
    .description('the kubeconfig that kubectl has in this lab')
    .option('--outside', 'one for your own machine')
    .action(({ outside }: { readonly outside?: boolean }) =>
      carry(async ({ api, io }) =>
        printKubeconfig(api.kubeconfig(outside ? 'outside' : 'container', io.signal), io),
      ),
    );
};

export const addOpenCommand: AddCommand = (program, carry) => {
  program
    .command('open')
    .description("print where the cluster's Ingresses answer, for your browser")
    .action(() =>
      carry(async ({ api, io }) => {
        const { urls } = await api.status(io.signal);
        io.print(urls.http);
        return STATUS.ok;
      }),
    );
};

async function printKubeconfig(
  wanted: Promise<string>,
  { print }: { print(text: string): void },
): Promise<number> {
  print(await wanted);
  return STATUS.ok;
}
