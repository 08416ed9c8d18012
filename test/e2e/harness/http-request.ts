import { execa } from 'execa';

export interface Target {
  /** The URL as a user types it, without port: "https://alice.lab.test/path". */
  readonly url: string;
  /** Where its host is to be found. */
  readonly at: { readonly host: string; readonly port: number };
  /** A file of certificates to trust, for https. */
  readonly caFile?: string;
  /** Sent besides curl's own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The address to ask from, one of this machine. */
  readonly from?: string;
  /** The file of a network namespace to ask from; absent: this machine's own. */
  readonly network?: string;
  /** After which there is no answer, ms; absent: half of what a proxy waits for one who is not there. */
  readonly timeout?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** curl(1), with the name resolved by hand. Rejects where there is no answer; the message holds curl's own words. */
export async function request(target: Target): Promise<HttpAnswer> {
  const { url, at, caFile, headers = {}, from, network, timeout = 15_000 } = target;
  const address = new URL(url);
  address.port = String(at.port);
  const { stdout } = await execa(
    network === undefined ? 'curl' : 'nsenter',
    [
      ...(network === undefined ? [] : [`--net=${network}`, '--', 'curl']),
      ...['--silent', '--show-error', '--noproxy', '*', '--max-time', String(timeout / 1000)],
      ...['--resolve', `${address.hostname}:${at.port}:${at.host}`],
      ...(caFile === undefined ? [] : ['--cacert', caFile]),
      ...(from === undefined ? [] : ['--interface', from]),
      ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
      ...['--write-out', '\n%{http_code}', address.href],
    ],
    { timeout: timeout + 5_000 },
  );
  const split = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(split + 1)), body: stdout.slice(0, split) };
}
