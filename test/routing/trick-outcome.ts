import { eventually } from '../e2e/harness/eventually.ts';
import { get, raw } from './raw-tricks.ts';
import type { Place, Stage, Trick } from './trick.ts';

/** What came of a trick at the client, and what is wrong with what came of it elsewhere. */
export interface TrickOutcome {
  readonly answers: readonly string[];
  readonly wrong: readonly string[];
}

/**
 * Plays a trick, and then looks at both workspaces. Each must have got as many requests as it has answered, each a whole one that
 * can be read in one way only and for its own host; and other clients, of both, must get their own answers afterwards.
 */
export async function outcomeOf(trick: Trick, stage: Stage): Promise<TrickOutcome> {
  const answers = await trick.play(stage);
  const { alice, bob } = stage;
  for (const { backend } of [alice, bob]) {
    await eventually(() => !backend.unfinished, {
      what: 'an end of a request that had begun to arrive',
      within: 30_000,
      every: 10,
    });
  }
  const answered = {
    alice: answers.filter((answer) => /^alice\b|^goes on$/.test(answer)).length,
    bob: answers.filter((answer) => /^bob\b/.test(answer)).length,
  };
  const wrong = [...wrongAt('alice', alice, answered.alice), ...wrongAt('bob', bob, answered.bob)];
  return { answers, wrong: [...wrong, ...(await victims(stage))] };
}

function wrongAt(name: string, { host, backend }: Place, answered: number): string[] {
  const { requests, faults, tlsConnections } = backend;
  const foreign = requests.filter((request) => !isFor(host, request.host));
  const arrived = requests.length + tlsConnections;
  return [
    ...faults.map((fault) => `${name} gets what can be read in two ways: ${fault}`),
    ...foreign.map((request) => `${name} gets a request for ${request.host}`),
    ...(arrived === answered ? [] : [`${name} gets ${arrived} requests and answers ${answered}`]),
  ];
}

/** Without case, port, brackets and the dot at the end, as the table of hosts says. */
function isFor(host: string, asked: string): boolean {
  const name = asked
    .toLowerCase()
    .replace(/:.*$/, '')
    .replace(/^\[|\]$|\.$/g, '');
  return name === host || name.endsWith(`.${host}`);
}

/** Clients on connections of their own, who get what an earlier one has left at the edge or on its connections to the backends. */
async function victims(stage: Stage): Promise<string[]> {
  const { alice, bob } = stage;
  const begin = [alice.backend.requests.length, bob.backend.requests.length];
  const answers = await raw((hosts) => get(hosts.bob) + get(hosts.alice))(stage);
  const wrong: string[] = [];
  if (answers.join() !== 'bob,alice,goes on') wrong.push(`the next client is answered ${answers}`);
  const arrived = [alice, bob].map(({ backend }, index) => backend.requests.length - (begin[index] ?? 0));
  if (arrived.join() !== '2,1') wrong.push(`of the next client's requests arrive ${arrived}`);
  return wrong;
}
