import type { TraefikListens, TraefikPorts } from './traefik-options.ts';

/** A TCP port that is free on this host now. */
export type ChoosePort = (host: string) => Promise<number>;

/** The ports of the configuration, and chosen ones where it leaves them to chance; the API's always is. */
export async function withChancePorts(
  { http, https, kube }: TraefikListens,
  choose: ChoosePort,
): Promise<TraefikPorts> {
  return {
    http: http.port || (await choose(http.host)),
    https: https.port || (await choose(https.host)),
    kube: kube.port || (await choose(kube.host)),
    api: await choose('127.0.0.1'),
  };
}

/** The addresses that Traefik could not listen on because another program does, by its log: "127.0.0.1:80". */
export function takenAddresses(log: string): readonly string[] {
  const found = log.matchAll(/listen tcp[46]? (\S+): bind: address already in use/g);
  return [...new Set(Array.from(found, ([, address = '']) => address))];
}

/** Whether other chance ports would do: nothing is taken that the configuration names. */
export function leftToChance(taken: readonly string[], { http, https, kube }: TraefikListens): boolean {
  const configured = [http, https, kube].flatMap(({ port }) => (port === 0 ? [] : `:${port}`));
  return taken.length > 0 && !taken.some((address) => configured.some((port) => address.endsWith(port)));
}
