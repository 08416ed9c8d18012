import { promises } from 'node:dns';
import { InvalidArgumentError } from 'commander';

/** The address of a name server on the command line: "9.9.9.9", "127.0.0.1:5353", "[2620:fe::fe]:53". */
export function parseResolver(text: string): string {
  try {
    new promises.Resolver().setServers([text]);
    return text;
  } catch {
    throw new InvalidArgumentError(
      'Must be an IP address, with or without a port, such as 9.9.9.9 or 127.0.0.1:5353.',
    );
  }
}
