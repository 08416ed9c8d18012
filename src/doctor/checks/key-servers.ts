import type { Check } from '../check.ts';
import { type Judgement, right, together, wrong } from '../judgement.ts';
import type { KeyServerVisit } from '../key-server-visit.ts';

export const keyServers: Check = {
  needs: 'nothing',
  limit: 30_000,
  look: async (site) => judgeKeyServers(await site.keyServers),
};

export function judgeKeyServers(visits: readonly KeyServerVisit[]): Judgement {
  if (visits.length === 0) return right('none is configured');
  return together(visits.map(judgeVisit), `answered by ${visits.map(({ name }) => name).join(', ')}`);
}

function judgeVisit({ name, url, answer }: KeyServerVisit): Judgement {
  if (answer.kind !== 'failed') return right(name);
  return wrong(`${name} does not serve keys: ${answer.reason}`, `curl --verbose --max-time 5 ${url}`);
}
