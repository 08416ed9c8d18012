import { standingOf } from '../groups/standing.ts';
import { type OpenHooks, openHooks } from '../hooks/open-hooks.ts';
import { systemClock } from '../time/clock.ts';
import type { Closers } from './closers.ts';
import type { Site } from './open-site.ts';
import type { StartRequest } from './start-request.ts';

/** What labs ask to be called for. Throws as `openHooks` does. */
export function openLabHooks(
  { config, version, logger }: Pick<StartRequest, 'config' | 'version' | 'logger'>,
  { data, history, groups, labs }: Pick<Site, 'data' | 'history' | 'groups' | 'labs'>,
  closers: Closers,
): OpenHooks {
  const hooks = openHooks({
    data,
    config: config.hooks,
    resolve: labs.resolver.resolve,
    standingOf: (user) => standingOf(user, groups),
    hostOf: labs.hostOf,
    events: history.events,
    version,
    clock: systemClock,
    random: Math.random,
    logger,
  });
  closers.add('hooks', async () => hooks[Symbol.asyncDispose]());
  return hooks;
}
