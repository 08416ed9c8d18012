import fc from 'fast-check';
import { formatWorkspaceKey } from '../../src/names/workspace-key.ts';
import type { Route } from '../../src/workspaces/ports/routes.ts';
import { type EdgeUnderTest, startEdge } from './edge-under-test.ts';
import { type NamedWorkspace, namesAround, workspaces } from './look-alikes.ts';
import { ownerOf } from './owners.ts';
import { recordingBackends } from './recording-backends.ts';
import { createWhoAnswers, type WhoAnswers } from './who-answers.ts';

/** A name that somebody else answered for than whose it is. */
export interface WrongAnswer {
  readonly name: string;
  readonly by: 'http' | 'tls';
  readonly expected: string;
  readonly answered: string;
}

interface Outcome {
  readonly asked: number;
  /** Of those, for how many somebody answered: a run in which nobody does proves nothing. */
  readonly somebody: number;
  readonly wrong: readonly WrongAnswer[];
}

interface Owner extends NamedWorkspace {
  readonly route: Route;
  /** What it answers with. */
  readonly nonce: string;
}

const NOBODY = 'nobody';
const AT_ONCE = 32;

/**
 * Makes `count` workspaces with look-alike names, each with a backend of its own, and asks a real Traefik for their hosts and
 * for names around them; who is to answer says `ownerOf`. One in ten is asleep.
 */
export async function namesByAnswer(count: number, seed: number, signal: AbortSignal): Promise<Outcome> {
  const [named = []] = fc.sample(workspaces(count), { seed, numRuns: 1 });
  const backends = await recordingBackends(count);
  const hosts = new Map(named.map(({ key, host }) => [formatWorkspaceKey(key), host]));
  let edge: EdgeUnderTest | undefined;
  let ask: WhoAnswers | undefined;
  try {
    edge = await startEdge((key) => hosts.get(formatWorkspaceKey(key)) ?? 'nobody.test', signal);
    const { asleep, ports, routes } = edge;
    const owners = named.map((one, index): Owner => {
      const backend = backends[index];
      if (backend === undefined) throw new Error('too few backends');
      if (index % 10 === 9) return { ...one, route: { kind: 'asleep' }, nonce: asleep };
      const { address, nonce } = backend;
      const api = { host: address, port: 6443 };
      return { ...one, route: { kind: 'awake', addresses: { ingress: address, api } }, nonce };
    });
    await Promise.all(owners.map(({ key, route }) => routes.set(key, route, signal)));
    ask = createWhoAnswers(ports);
    return await askAll([...new Set(owners.flatMap(({ host }) => namesAround(host)))], owners, ask);
  } finally {
    await ask?.close();
    await edge?.close();
    await Promise.all(backends.map((backend) => backend.close()));
  }
}

async function askAll(names: readonly string[], owners: readonly Owner[], ask: WhoAnswers): Promise<Outcome> {
  const wrong: WrongAnswer[] = [];
  let somebody = 0;
  const compare = (name: string, by: 'http' | 'tls', expected: string, answered: string) => {
    if (answered !== NOBODY) somebody++;
    if (answered !== expected) wrong.push({ name, by, expected, answered });
  };
  const queue = names.values();
  const askSome = async () => {
    for (const name of queue) {
      const owner = ownerOf(name, owners);
      const { status, body } = await ask.http(name);
      compare(name, 'http', owner?.nonce ?? NOBODY, status === 404 ? NOBODY : body);
      const tls = owner?.route.kind === 'awake' ? owner.nonce : NOBODY;
      compare(name, 'tls', tls, (await ask.tls(name)) || NOBODY);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askSome));
  return { asked: 2 * names.length, somebody, wrong: wrong.map((one) => named(one, owners)) };
}

/** With hosts in the place of nonces. */
function named(wrong: WrongAnswer, owners: readonly Owner[]): WrongAnswer {
  const hostOf = (nonce: string) => owners.find((owner) => owner.nonce === nonce)?.host ?? nonce;
  return { ...wrong, expected: hostOf(wrong.expected), answered: hostOf(wrong.answered) };
}
