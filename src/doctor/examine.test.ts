import { expect, test, vi } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import type { Check } from './check.ts';
import { examine } from './examine.ts';
import type { Judgement } from './judgement.ts';
import { right } from './judgement.ts';
import type { Site } from './site.ts';

/** Of a site these checks look at nothing but whether an engine answers. */
function siteWithoutEngine(): Site {
  const reason = new FactoryError('DOCKER_UNAVAILABLE', 'Docker does not answer.');
  return { engine: Promise.resolve({ answers: false, reason }) } as Partial<Site> as Site;
}

const fine: Check = { needs: 'nothing', limit: 1_000, look: async () => right('fine') };

function looking(look: (signal: AbortSignal) => Promise<Judgement>, limit = 1_000): Check {
  return { needs: 'nothing', limit, look: (_, signal) => look(signal) };
}

async function findings(checks: Parameters<typeof examine>[0], stop = new AbortController().signal) {
  return await Promise.all(examine(checks, siteWithoutEngine(), stop).map(({ finding }) => finding));
}

test('a check that throws is a finding that says why, and the others go on', async () => {
  const broken = looking(async () => {
    throw new FactoryError('DOCKER_FAILED', 'Docker refused.', { detail: 'its words' });
  });
  const careless = looking(() => {
    throw new Error('at once');
  });
  expect(await findings({ disk: broken, memory: careless, k3d: fine })).toEqual([
    expect.objectContaining({
      check: 'disk',
      verdict: 'wrong',
      text: 'not known: Docker refused. (its words)',
    }),
    expect.objectContaining({ check: 'memory', verdict: 'wrong', text: expect.stringContaining('at once') }),
    { check: 'k3d', verdict: 'right', text: 'fine' },
  ]);
});

test('a check that takes too long is wrong after its limit, and its signal aborts', async () => {
  const aborted = vi.fn();
  const hangs = looking((signal) => {
    signal.addEventListener('abort', aborted);
    return new Promise(() => undefined);
  }, 20);
  const [late, other] = await findings({ disk: hangs, k3d: fine });
  expect(late).toMatchObject({ verdict: 'wrong', text: expect.stringContaining('more than 0.02 s') });
  expect(other).toMatchObject({ verdict: 'right' });
  expect(aborted).toHaveBeenCalledOnce();
});

test('without an engine what needs one is skipped and never looked at', async () => {
  const look = vi.fn(async () => right('looked'));
  const found = await findings({ privileged: { needs: 'engine', limit: 1_000, look }, k3d: fine });
  expect(found.map(({ verdict }) => verdict)).toEqual(['skipped', 'right']);
  expect(found[0]?.text).toBe('not looked at, because no Docker engine answers');
  expect(look).not.toHaveBeenCalled();
});

test('a check that was cut short has ended only when it has put away what it made', async () => {
  const { promise: putAway, resolve: finish } = Promise.withResolvers<Judgement>();
  const stop = new AbortController();
  const [examination] = examine({ privileged: looking(() => putAway) }, siteWithoutEngine(), stop.signal);
  const ended = vi.fn();
  void examination?.ended.then(ended);
  stop.abort(new Error('stopped'));
  await examination?.finding;
  expect(ended).not.toHaveBeenCalled();
  finish(right('done'));
  await examination?.ended;
  expect(ended).toHaveBeenCalledOnce();
});
