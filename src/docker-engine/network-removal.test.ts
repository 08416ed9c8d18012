import type { ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { removeNetwork } from './network-removal.ts';
import { pretendEngine } from './testing/pretend-engine.ts';

const { signal } = new AbortController();

/** Docker 28's words for a container that is in the middle of its removal. */
const LEAVING = 'Container is marked for removal and cannot be connected or disconnected to the network';

/** An engine with a network that a container is in, which is being removed and is out when the network was to go `leavesAfter` times. */
function engineWithNetwork({ leavesAfter }: { readonly leavesAfter: number }) {
  const seen = { left: 0, removals: 0 };
  const isEmpty = () => seen.removals > leavesAfter;
  const pretend = pretendEngine(async (request, response) => {
    if (request.method === 'GET') return answer(response, 200, { Containers: isEmpty() ? {} : { one: {} } });
    if (request.method === 'POST') {
      expect(await json(request)).toMatchObject({ Container: 'one', Force: true });
      seen.left++;
      return answer(response, 500, { message: LEAVING });
    }
    seen.removals++;
    if (isEmpty()) return answer(response, 204);
    return answer(response, 403, { message: 'network lab has active endpoints' });
  });
  return { seen, pretend };
}

function answer(response: ServerResponse, status: number, body?: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body && JSON.stringify(body));
}

test('a container that is being removed is waited for, and is no failure', async () => {
  const { seen, pretend } = engineWithNetwork({ leavesAfter: 2 });
  await using docker = await pretend;
  await removeNetwork(docker.engine, 'lab', signal);
  expect(seen).toEqual({ left: 3, removals: 3 });
});

test('whoever asked may stop waiting for one that never leaves', async () => {
  const { seen, pretend } = engineWithNetwork({ leavesAfter: Number.POSITIVE_INFINITY });
  await using docker = await pretend;
  const caller = new AbortController();
  const removal = removeNetwork(docker.engine, 'lab', caller.signal);
  await expect.poll(() => seen.removals, { timeout: 30_000 }).toBeGreaterThan(1);
  caller.abort(new Error('the caller left'));
  await expect(removal).rejects.toThrow();
});
