import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { type ClusterApiClient, createClusterApiClient } from '../api-client/cluster-api-client.ts';
import { openTransport } from '../api-client/transport.ts';
import { type ControlClient, createControlClient } from '../control/control-client.ts';
import { controlSocket } from '../control/control-socket.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { configOption } from './command-line.ts';
import { findDataFolder } from './find-data-folder.ts';
import type { Surroundings } from './surroundings.ts';

export interface ConnectionOptions {
  readonly config?: string;
  /** "https://lab.example.org:8080" */
  readonly server?: string;
  readonly tokenFile?: string;
}

/** The HTTP API of a factory, as the command line reaches it. */
export interface ApiConnection extends AsyncDisposable {
  readonly client: ClusterApiClient;
}

/** How long a token of the control socket is good, and when a new one is asked for; ms. */
const TOKEN_LIFETIME = 120_000;
const RENEW_BEFORE = 30_000;

/** A name that a token can have. */
const TOKEN_NAME = /^[\w.@-]{1,64}$/;

/** The same in all commands that go to the HTTP API. */
export function withConnection(command: Command): Command {
  return command
    .addOption(
      new Option('--server <url>', 'the factory; without it the one of this machine').env('FACTORY_SERVER'),
    )
    .addOption(
      new Option('--token-file <file>', 'holds the token for --server; or set FACTORY_TOKEN to the token'),
    )
    .addOption(configOption());
}

/** Rejects as `loadSettings` does, and with `TOKEN_REFUSED` where there is a server and no token for it. */
export async function connectToApi(
  options: ConnectionOptions,
  surroundings: Surroundings,
): Promise<ApiConnection> {
  return options.server === undefined
    ? overControlSocket(options, surroundings)
    : overNetwork(options.server, await givenToken(options, surroundings));
}

function overNetwork(server: string, token: string): ApiConnection {
  const transport = openTransport();
  return {
    client: createClusterApiClient({
      baseUrl: addressOf(server),
      send: transport.send,
      token: async () => token,
    }),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

function addressOf(server: string): string {
  const url = URL.parse(server);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.origin;
  throw new FactoryError(
    'REQUEST_INVALID',
    `"${server}" is no address; give one such as https://lab.example.org.`,
  );
}

async function givenToken({ tokenFile }: ConnectionOptions, { env }: Surroundings): Promise<string> {
  const text = tokenFile === undefined ? env.FACTORY_TOKEN : await read(tokenFile);
  const token = text?.trim() ?? '';
  if (token !== '') return token;
  throw new FactoryError(
    'TOKEN_REFUSED',
    'A server asks for a token: give --token-file, or set FACTORY_TOKEN. `factory token create` makes one.',
  );
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new FactoryError('TOKEN_REFUSED', `The file ${file} with the token can not be read.`, { cause });
  }
}

/** Whoever may open it may do everything, and is given a token that says so. */
async function overControlSocket(
  { config: file }: ConnectionOptions,
  surroundings: Surroundings,
): Promise<ApiConnection> {
  const data = await findDataFolder(file, surroundings);
  const socketPath = controlSocket(data);
  const control = createControlClient(socketPath);
  const transport = openTransport({ socketPath });
  const token = renewed(control, surroundings.login);
  return {
    client: createClusterApiClient({ baseUrl: 'http://factory', send: transport.send, token }),
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
    },
  };
}

function renewed(control: ControlClient, login: string): (signal: AbortSignal) => Promise<string> {
  const name = TOKEN_NAME.test(login) ? login : 'operator';
  let last: { readonly token: string; readonly until: number } | undefined;
  return async (signal) => {
    if (last !== undefined && Date.now() < last.until) return last.token;
    const request = { role: 'admin', name, for_ms: TOKEN_LIFETIME } as const;
    const { token, expires_at: end } = await control.tokens.create(request, signal);
    last = { token, until: Date.parse(end) - RENEW_BEFORE };
    return token;
  };
}
