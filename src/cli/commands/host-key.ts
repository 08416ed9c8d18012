import { type Command, Option } from 'commander';
import type { HostKey, HostKeyType } from '../../gateway/keys/host-keys.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { findDataFolder } from '../find-data-folder.ts';
import { publishedKeys } from '../host-key-report.ts';
import { loadSettings } from '../settings.ts';

interface HostKeyOptions {
  readonly config?: string;
  readonly json?: true;
}

const HELP = `
A factory that runs takes what was changed at its next start. To change the key without a warning for anybody (docs/operate.md):

  factory host-key add                     makes the next key; restart the factory, and students' clients learn it as they log in
  factory host-key use SHA256:…            some weeks later: it takes the old one's place; restart the factory
  factory host-key remove SHA256:…         some weeks later: forgets the old one`;

const LIST_EXAMPLES = `
Examples:
  factory host-key list
  factory host-key list --json | jq -r '.keys[].known_hosts' > known_hosts
  factory host-key list --json | jq -r '.keys[].sshfp'`;

/** They work on the data folder, whether a factory runs on it or not. */
export function addHostKeyCommands(program: Command, line: CommandLine): void {
  const parent = program
    .command('host-key')
    .description('the keys by which SSH clients know the factory')
    .addHelpText('after', HELP);
  parent
    .command('list')
    .description('print the host keys: fingerprints, lines for known_hosts, SSHFP records for the zone')
    .addOption(configOption())
    .option('--json', 'print them as JSON')
    .addHelpText('after', LIST_EXAMPLES)
    .action((options: HostKeyOptions) => list(options, line));
  parent
    .command('add')
    .description('make a further key, which is announced to clients and not in use yet')
    .addOption(new Option('--type <type>', 'of the key').choices(['ed25519', 'rsa']).default('ed25519'))
    .addOption(configOption())
    .option('--json', 'print its fingerprint as JSON')
    .action((options: HostKeyOptions & { type: HostKeyType }) => add(options, line));
  parent
    .command('use <fingerprint>')
    .description('take a key into use that is announced; the one that it takes the place of stays announced')
    .addOption(configOption())
    .option('--json', 'print the fingerprints as JSON')
    .action((fingerprint: string, options: HostKeyOptions) => use(fingerprint, options, line));
  parent
    .command('remove <fingerprint>')
    .description('remove a key that is not in use, for good')
    .addOption(configOption())
    .option('--json', 'print its fingerprint as JSON')
    .action((fingerprint: string, options: HostKeyOptions) => remove(fingerprint, options, line));
}

async function list({ config: file, json }: HostKeyOptions, { surroundings }: CommandLine): Promise<void> {
  const { domain, ssh, data } = (await loadSettings(file, surroundings)).config;
  const { readHostKeys } = await import('../../gateway/keys/host-keys.ts');
  const { asJson, asText } = publishedKeys({ host: domain, port: ssh.listen.port }, await readHostKeys(data));
  surroundings.say(json ? JSON.stringify(asJson(), undefined, 2) : asText());
}

async function add({ type, json, config }: HostKeyOptions & { type: HostKeyType }, line: CommandLine) {
  const { addHostKey, data } = await ordersFor(config, line);
  const fingerprint = fingerprintOf(await addHostKey(data, type));
  line.surroundings.say(
    json
      ? JSON.stringify({ added: fingerprint })
      : `The ${type} key ${fingerprint} is made. From the factory's next start on clients learn it as they log in; when they all have come by: factory host-key use ${fingerprint}`,
  );
}

async function use(fingerprint: string, { json, config }: HostKeyOptions, line: CommandLine) {
  const { useHostKey, data } = await ordersFor(config, line);
  const former = fingerprintOf(await useHostKey(data, fingerprint));
  line.surroundings.say(
    json
      ? JSON.stringify({ in_use: fingerprint, former })
      : `The factory shows itself by ${fingerprint} from its next start on. The one until now is still announced, so that there is a way back: factory host-key use ${former}; later: factory host-key remove ${former}`,
  );
}

async function remove(fingerprint: string, { json, config }: HostKeyOptions, line: CommandLine) {
  const { removeHostKey, data } = await ordersFor(config, line);
  await removeHostKey(data, fingerprint);
  line.surroundings.say(
    json
      ? JSON.stringify({ removed: fingerprint })
      : `The key ${fingerprint} is removed. From the factory's next start on clients forget it as they log in.`,
  );
}

async function ordersFor(config: string | undefined, { surroundings }: CommandLine) {
  const orders = await import('../../gateway/keys/host-key-orders.ts');
  return { ...orders, data: await findDataFolder(config, surroundings) };
}

function fingerprintOf({ publicKey }: HostKey): string {
  return publicKey.fingerprint;
}
