import type { FactoryConfig, ListenAddress } from '../../config/factory-config.ts';
import { type ListenMistake, listenMistake } from '../../config/ports-free.ts';
import type { Check } from '../check.ts';
import { type Judgement, right, together, wrong } from '../judgement.ts';

export const ports: Check = {
  needs: 'nothing',
  limit: 60_000,
  look: async (site, signal) => {
    const isRunning = site.isRunning();
    const ofTraefik = await heldByTraefik(site, signal);
    const listens = listensOf(site.config);
    const judgements = await Promise.all(
      listens.map(async ({ key, address, by }) => {
        const isOurs = by === 'factory' ? isRunning : ofTraefik.includes(address.port);
        return judgePort(key, address, isOurs ? undefined : await listenMistake(address));
      }),
    );
    const shown = listens.map(({ address }) => (address.port === 0 ? 'any' : address.port)).join(', ');
    const ours = isRunning || ofTraefik.length > 0 ? ' or held by this factory' : '';
    return together(judgements, `free${ours}: ${shown}`);
  },
};

interface Listen {
  /** As in the configuration. */
  readonly key: string;
  readonly address: ListenAddress;
  readonly by: 'factory' | 'traefik';
}

function listensOf({ ssh, web, routes }: FactoryConfig): readonly Listen[] {
  return [
    { key: 'ssh.listen', address: ssh.listen, by: 'factory' },
    { key: 'web.listen', address: web.listen, by: 'factory' },
    { key: 'routes.http', address: routes.http, by: 'traefik' },
    { key: 'routes.https', address: routes.https, by: 'traefik' },
    { key: 'routes.kube', address: routes.kube, by: 'traefik' },
  ];
}

/** Without an engine Traefik is not known to hold any. */
async function heldByTraefik(
  site: Parameters<typeof ports.look>[0],
  signal: AbortSignal,
): Promise<readonly number[]> {
  return (await site.engine).answers ? await site.heldPorts(signal) : [];
}

export function judgePort(
  key: string,
  { port }: ListenAddress,
  mistake: Pick<ListenMistake, 'isTaken' | 'words'> | undefined,
): Judgement {
  if (mistake === undefined) return right(key);
  const who = mistake.isTaken ? [`ss -ltnp 'sport = :${port}'   # who listens there`] : [];
  return wrong(`${key}: ${mistake.words}`, ...who, `in the configuration: another address in ${key}`);
}
