import { type Command, InvalidArgumentError, Option } from 'commander';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import { duration } from '../../config/values.ts';
import { type ControlClient, createControlClient } from '../../control/control-client.ts';
import { controlSocket } from '../../control/control-socket.ts';
import type { RevocationRequestBody, TokenRequestBody } from '../../control/token-request.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import { LONGEST_LIFETIME } from '../../tokens/lifetimes.ts';
import { inWords } from '../../words/time-span.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { findDataFolder } from '../find-data-folder.ts';
import { parseWorkspace } from '../workspace-argument.ts';

const ROLES = ['student', 'instructor', 'admin'] as const;

interface TokenOptions {
  readonly config?: string;
  readonly json?: boolean;
}

interface CreateOptions extends TokenOptions {
  readonly role: (typeof ROLES)[number];
  readonly name?: string;
  readonly group?: readonly string[];
  readonly workspace?: WorkspaceKey;
  /** ms */
  readonly for?: number;
}

interface RevokeOptions extends TokenOptions {
  readonly workspace?: WorkspaceKey;
  readonly name?: string;
  readonly id?: string;
}

/** ms */
const WORKING_DAY = 8 * 3_600_000;

const CREATE_HELP = `
The token alone is printed to standard output, and what it is for to standard error. Who has it may do what its role may, until its end; it goes
into the header "Authorization: Bearer …" of a request. A student's lasts 15 minutes at most, the others 90 days.

Examples:
  factory token create --role instructor --name carol --group class-a --for 8h > carol.token
  factory token create --role admin --name dave --for 30m
  factory token create --role student --workspace alice/k3s`;

const ROTATE_HELP = `
Keys are changed by themselves every 30 days. The new one signs in ten minutes, when everybody who checks tokens has it, and tokens that were
given out stay valid until their end.`;

const REVOKE_HELP = `
What was given out until now is void, at once and over restarts; a token that is made afterwards is not.

Examples:
  factory token revoke --name carol
  factory token revoke --workspace alice/k3s
  factory token revoke --id 0e37df36-f698-11e6-8dd4-cb9ced3df976`;

/** All of them need the factory to run: it alone has the keys. */
export function addTokenCommands(program: Command, line: CommandLine): void {
  const parent = program.command('token').description('make and take back tokens for the HTTP API');
  addCreateCommand(parent, line);
  addRevokeCommand(parent, line);
  addRotateCommand(parent, line);
  addJwksCommand(parent, line);
}

function addCreateCommand(parent: Command, line: CommandLine): void {
  parent
    .command('create')
    .description('make a token, and print it')
    .addOption(new Option('--role <role>', 'whose it is').choices(ROLES).makeOptionMandatory())
    .option('--name <name>', 'of the instructor or admin; by it the token can be revoked')
    .option(
      '--group <name>',
      'of the configuration, that the instructor sees; may be given several times',
      collect,
    )
    .option('--workspace <user/lab>', "the student's", parseWorkspace)
    .addOption(
      new Option(
        '--for <time>',
        'how long it is good: 15m, 8h, 30d (default: 8h; 15m for a student)',
      ).argParser(parseFor),
    )
    .addOption(configOption())
    .option('--json', 'print it as JSON, with its id and its end')
    .addHelpText('after', CREATE_HELP)
    .action((options: CreateOptions, command: Command) => create(requestOf(options, command), options, line));
}

function addRevokeCommand(parent: Command, line: CommandLine): void {
  parent
    .command('revoke')
    .description('make tokens void before their end')
    .addOption(
      new Option('--workspace <user/lab>', "the student's of this workspace").argParser(parseWorkspace),
    )
    .addOption(new Option('--name <name>', 'all of this instructor or admin').conflicts('workspace'))
    .addOption(new Option('--id <id>', 'this one').argParser(parseId).conflicts(['workspace', 'name']))
    .addOption(configOption())
    .option('--json', 'print what was revoked as JSON')
    .addHelpText('after', REVOKE_HELP)
    .action((options: RevokeOptions, command: Command) =>
      revoke(revocationOf(options, command), options, line),
    );
}

function addRotateCommand(parent: Command, line: CommandLine): void {
  parent
    .command('rotate')
    .description('change the key that signs tokens')
    .addOption(configOption())
    .option('--json', 'print the new key as JSON')
    .addHelpText('after', ROTATE_HELP)
    .action((options: TokenOptions) => rotate(options, line));
}

function addJwksCommand(parent: Command, line: CommandLine): void {
  parent
    .command('jwks')
    .description('print the public keys that verify tokens, as a JSON Web Key Set')
    .addOption(configOption())
    .action(async (options: TokenOptions) => {
      await using client = await connect(options, line);
      line.surroundings.say(JSON.stringify(await client.tokens.jwks(line.stop), undefined, 2));
    });
}

async function create(request: TokenRequestBody, options: TokenOptions, line: CommandLine): Promise<void> {
  const { say, complain } = line.surroundings;
  await using client = await connect(options, line);
  const { token, expires_at } = await client.tokens.create(request, line.stop);
  const { jti: id = '' } = decodeJwt(token);
  if (options.json) return say(JSON.stringify({ token, id, expires_at }));
  complain(
    `${whoseText(request)}, for ${inWords(request.for_ms)}; to take it back: factory token revoke --id ${id}`,
  );
  say(token);
}

async function revoke(
  request: RevocationRequestBody,
  options: TokenOptions,
  line: CommandLine,
): Promise<void> {
  await using client = await connect(options, line);
  await client.tokens.revoke(request, line.stop);
  const { say } = line.surroundings;
  if (options.json) return say(JSON.stringify({ revoked: request }));
  say(
    request.kind === 'id'
      ? 'That token is void.'
      : `The tokens of ${nameIn(request)} that were made until now are void.`,
  );
}

async function rotate(options: TokenOptions, line: CommandLine): Promise<void> {
  await using client = await connect(options, line);
  const rotation = await client.tokens.rotate(line.stop);
  const { say } = line.surroundings;
  if (options.json) return say(JSON.stringify(rotation));
  const ahead = inWords(Date.parse(rotation.signs_from) - Date.now());
  say(`The key ${rotation.kid} is published, and signs in ${ahead}. Tokens that were given out stay valid.`);
}

async function connect(
  { config: file }: TokenOptions,
  { surroundings }: CommandLine,
): Promise<ControlClient> {
  const data = await findDataFolder(file, surroundings);
  return createControlClient(controlSocket(data), surroundings.login);
}

function requestOf(
  { role, name, group, workspace, for: span }: CreateOptions,
  command: Command,
): TokenRequestBody {
  if (role === 'student') {
    if (workspace === undefined)
      command.error('error: a student has a workspace: give --workspace alice/k3s');
    return { role, workspace: formatWorkspaceKey(workspace), for_ms: span ?? LONGEST_LIFETIME.student };
  }
  if (name === undefined) command.error(`error: an ${role} has a name: give --name carol`);
  const rest = { name, for_ms: span ?? WORKING_DAY };
  if (role === 'admin') return { role, ...rest };
  if (group === undefined) command.error('error: an instructor has groups: give --group class-a');
  return { role, groups: [...group], ...rest };
}

function revocationOf({ workspace, name, id }: RevokeOptions, command: Command): RevocationRequestBody {
  if (workspace !== undefined) return { kind: 'workspace', workspace: formatWorkspaceKey(workspace) };
  if (name !== undefined) return { kind: 'name', name };
  if (id !== undefined) return { kind: 'id', id };
  return command.error('error: give --workspace, --name or --id');
}

function whoseText(request: TokenRequestBody): string {
  switch (request.role) {
    case 'student':
      return `For the student of ${request.workspace}`;
    case 'instructor':
      return `For ${request.name}, an instructor of ${request.groups.join(', ')}`;
    case 'admin':
      return `For ${request.name}, an admin`;
  }
}

function nameIn(request: Exclude<RevocationRequestBody, { kind: 'id' }>): string {
  return request.kind === 'workspace' ? request.workspace : request.name;
}

function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function parseFor(text: string): number {
  const parsed = duration.safeParse(text);
  if (parsed.success && parsed.data >= 1_000) return parsed.data;
  throw new InvalidArgumentError('It must be a time such as 15m, 8h or 30d.');
}

function parseId(text: string): string {
  const parsed = z.uuid().toLowerCase().safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('It must be the id of a token, which "factory token create" tells.');
}
