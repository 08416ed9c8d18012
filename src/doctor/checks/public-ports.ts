import { formatListen } from '../../config/listen-address.ts';
import type { Check } from '../check.ts';
import { doubtful, type Judgement, right, skipped, together, wrong } from '../judgement.ts';
import { type FrontDoor, frontDoors, type Visit, visitDoor } from '../outside/front-doors.ts';
import { allAddresses } from '../outside/host-addresses.ts';
import { notKnown, type PublicSite } from '../outside/public-site.ts';

/** So many addresses are knocked at, each on every port. */
const MOST_ADDRESSES = 4;

/** Whether who comes to the public addresses comes to this factory. */
export const publicPorts: Check<PublicSite> = {
  needs: 'nothing',
  limit: 40_000,
  look: async (site, signal) => {
    const unknown = await notKnown(site);
    if (unknown !== undefined) return unknown;
    const doors = frontDoors(site.config);
    if (!site.isRunning()) return judgeAsleep(doors);
    const { domain, workspace } = await site.hosts;
    const addresses = [...new Set([domain, workspace].flatMap(allAddresses))].slice(0, MOST_ADDRESSES);
    if (addresses.length === 0) return skipped(`${domain.name} has no address`);
    const visits = await Promise.all(doors.map((door) => visitDoor(door, addresses, signal)));
    return judgeDoors(doors, visits.flat(), site.ownAddresses);
  },
};

function judgeAsleep(doors: readonly FrontDoor[]): Judgement | ReturnType<typeof skipped> {
  const elsewhere = doors.filter(isElsewhere).map(comesFrom);
  if (elsewhere.length === 0) return skipped('no factory runs here');
  return doubtful(
    `${elsewhere.join('; ')}; whether it does was not looked at, because no factory runs here`,
    './factory serve   # and then ./factory doctor --dns again',
  );
}

/** Whether something in front has to bring the public port to where the factory listens. */
function isElsewhere({ listen, publicPort }: FrontDoor): boolean {
  return publicPort !== undefined && listen.port !== publicPort;
}

function comesFrom({ key, listen, publicPort }: FrontDoor): string {
  return `${key} listens on ${formatListen(listen)}, and the public comes to port ${publicPort}: something has to bring it there`;
}

export function judgeDoors(
  doors: readonly FrontDoor[],
  visits: readonly Visit[],
  ownAddresses: readonly string[],
): Judgement {
  const judgements = doors.flatMap((door) => {
    const its = visits.filter((visit) => visit.door === door);
    if (its.length === 0) return [judgeUnvisited(door)];
    return its.map((visit) => judgeVisit(visit, ownAddresses.includes(visit.at.host)));
  });
  const shown = [...new Set(visits.map(({ at }) => formatListen(at)))].join(', ');
  return together(judgements, `this factory answers at ${shown}`);
}

function judgeUnvisited(door: FrontDoor): Judgement {
  const { key, publicPort } = door;
  return doubtful(
    isElsewhere(door) ? comesFrom(door) : `${key} listens on any free port, which nobody outside knows`,
    `in the configuration: ${configured(key, publicPort)}`,
  );
}

function judgeVisit({ door, at, who }: Visit, isOwn: boolean): Judgement {
  const { key, listen, publicPort } = door;
  const shown = formatListen(at);
  const inside = `${key} (${formatListen(listen)})`;
  switch (who) {
    case 'ours':
      return right(shown);
    case 'another':
      return wrong(
        `at ${shown} another program answers than at ${inside}`,
        ...(isOwn ? [`ss -ltnp 'sport = :${at.port}'   # who listens there`] : []),
        fromElsewhere(door, at.host),
      );
    case 'unknown':
      return doubtful(
        `somebody answers at ${shown}, and nobody at ${inside} to compare with`,
        './factory status',
      );
    case 'nobody':
      if (isOwn)
        return wrong(`nobody answers at ${shown}`, `in the configuration: ${configured(key, publicPort)}`);
      return doubtful(
        `nobody answers this machine at ${shown}; many routers do not lead a network back to itself (hairpin NAT), so look from another machine`,
        fromElsewhere(door, at.host),
      );
  }
}

function configured(key: FrontDoor['key'], port: number | undefined): string {
  const [section, name] = key.split('.');
  return `${section}: { ${name}: "[::]:${port ?? (key === 'ssh.listen' ? 22 : 6443)}" }`;
}

/** What shows from another machine who answers. */
function fromElsewhere({ key, publicPort, name }: FrontDoor, host: string): string {
  const where = '# from another machine';
  if (key === 'ssh.listen') return `ssh-keyscan -p ${publicPort} ${host}   ${where}`;
  const scheme = key === 'routes.http' ? 'http' : 'https';
  const address = host.includes(':') ? `[${host}]` : host;
  return `curl -vk --connect-to ::${address}: ${scheme}://${name}:${publicPort}/   ${where}`;
}
