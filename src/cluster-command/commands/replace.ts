import { type AddCommand, STATUS } from '../command-context.ts';
import { tellingSteps } from '../steps.ts';

const LOST = 'everything in it goes, with all that its volumes hold. Your home and your container stay.';

export const addResetCommand: AddCommand = (program, carry, name) => {
  program
    .command('reset')
    .description('make a new cluster in the place of this one')
    .option('--yes', 'do it; without this you are told what would be lost')
    .action(({ yes }: { readonly yes?: boolean }) =>
      carry(async (context) => {
        const { api, io } = context;
        if (yes !== true) {
          io.note(
            `This makes a new cluster in the place of yours: ${LOST} The state of the old one is kept aside, where the operator can look at it.\nTo go on, type: ${name} reset --yes`,
          );
          return STATUS.usage;
        }
        await tellingSteps(context, api.reset(io.signal));
        io.print(
          `Your cluster is new. Your home and your container are as they were.\nkubectl works again when ${name} status says ready.`,
        );
        return STATUS.ok;
      }),
    );
};

export const addDeleteCommand: AddCommand = (program, carry, name) => {
  program
    .command('delete')
    .description('remove the cluster and all that is in it')
    .option('--yes', 'do it; without this you are told what would be lost')
    .action(({ yes }: { readonly yes?: boolean }) =>
      carry(async ({ api, io }) => {
        if (yes !== true) {
          io.note(
            `This removes your cluster: ${LOST} Nothing of it is kept.\nTo go on, type: ${name} delete --yes`,
          );
          return STATUS.usage;
        }
        await api.remove(io.signal);
        io.print(
          `Your cluster is gone. You get a new one by ${name} start, or when you log in anew.\nkubectl works again when ${name} status says ready.`,
        );
        return STATUS.ok;
      }),
    );
};
