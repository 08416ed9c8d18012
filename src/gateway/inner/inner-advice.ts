import { FactoryError } from '../../errors/factory-error.ts';

/** How a student reaches this gateway, for the commands that texts tell them to type. */
export interface Destination {
  /** The login as typed: "alice", "alice/k3s". */
  readonly login: string;
  readonly host: string;
  readonly port: number;
}

/** `ssh -t alice@lab.example.org -- @rescue` */
export function sshCommand({ login, host, port }: Destination, command: string): string {
  return `ssh -t ${port === 22 ? '' : `-p ${port} `}${login}@${host} -- ${command}`;
}

/** `ssh -p 2222 alice/k3s@lab.example.org` */
export function sshLogin({ login, host, port }: Destination): string {
  return `ssh ${port === 22 ? '' : `-p ${port} `}${login}@${host}`;
}

/** The container runs, but not its SSH server; the student can have changed it, and can repair it. */
export function innerSshdFailed(destination: Destination, reason: string, cause: unknown): FactoryError {
  const rescue = sshCommand(destination, '@rescue');
  const reset = sshCommand(destination, '@reset');
  return new FactoryError(
    'INNER_SSHD_FAILED',
    `The SSH server in your container does not start (${printable(reason)}). Type: ${rescue} to repair it, or ${reset} to rebuild the container (your home stays).`,
    { cause },
  );
}

/** What was waited for: Docker, which is to run the SSH server (`TIMED_OUT`), or that server. */
export type SlowCode = 'TIMED_OUT' | 'INNER_SSHD_FAILED';

/** Nothing said no: on a busy machine the same goes well in a moment, and a container that is whole is not to be rebuilt for it. */
export function innerTooSlow(
  destination: Destination,
  code: SlowCode,
  seconds: number,
  cause: unknown,
): FactoryError {
  const rescue = sshCommand(destination, '@rescue');
  const reset = sshCommand(destination, '@reset');
  return new FactoryError(
    code,
    `${slowSentence(seconds)} Connect again in a moment. If it stays so, type: ${rescue} to repair its SSH server, or ${reset} to rebuild the container (your home stays).`,
    { cause },
  );
}

export function slowSentence(seconds: number): string {
  return `Your container did not answer within ${seconds} s: it or its machine is busy.`;
}

/** What comes out of a container may hold anything: one line of printable ASCII, 120 characters at most. */
export function printable(text: string): string {
  const plain = text.replace(/[^\x21-\x7e]+/g, ' ').trim();
  return plain.length > 120 ? `${plain.slice(0, 117)}...` : plain;
}
