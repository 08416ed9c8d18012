import type { FastifyPluginAsync } from 'fastify';
import type { Backend } from '../backend/backend.ts';
import { startControlServer } from '../control/control-server.ts';
import { controlSocket } from '../control/control-socket.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Admit } from '../groups/admission.ts';
import type { HookOffice } from '../hooks/office/hook-office.ts';
import { createLabAccess } from '../labs/lab-access.ts';
import { systemClock } from '../time/clock.ts';
import { readLabPlaces } from '../who/read-places.ts';
import { createWhoIs, type WhoIs } from '../who/who-is.ts';
import type { Closers } from './closers.ts';
import { createControlTarget } from './control-target.ts';
import type { Site } from './open-site.ts';
import type { StartRequest } from './start-request.ts';
import type { House } from './start-workspaces.ts';

export interface ControlParts extends House {
  readonly api: FastifyPluginAsync;
  readonly gateway: Gateway;
  readonly hooks: HookOffice;
  readonly admit: Admit;
  readonly webUrl: string;
}

/** The socket on which the operator of this machine asks how things are; last, so that who gets an answer gets a whole one. */
export async function startControl(
  request: StartRequest,
  site: Site,
  backend: Backend,
  { urls, api, ...rest }: ControlParts,
  closers: Closers,
): Promise<void> {
  const { version, logger } = request;
  const { data, history, tokens, identity, groups } = site;
  const { workspaces, ports } = rest;
  const target = createControlTarget({
    ...rest,
    garbage: backend.garbage({ workspaces, routes: ports.routes }),
    history,
    tokens,
    users: identity.accounts,
    configuration: () => groups.status(),
    who: await whoIs(request, site),
    version,
    instance: backend.instance,
    urlOf: (key) => urls(key).http,
    clock: systemClock,
  });
  const server = await startControlServer({ path: controlSocket(data), target, api, logger });
  closers.add('control socket', () => server.close());
}

/** What the operator is told of a user. */
async function whoIs({ labs: catalogue }: StartRequest, { groups, identity, labs }: Site): Promise<WhoIs> {
  const labPlaces = await readLabPlaces(catalogue.all());
  return createWhoIs({
    directory: identity,
    groups,
    labAccess: createLabAccess(groups, catalogue),
    labs: labs.resolver,
    places: () => ({ ...labPlaces, ...groups.places() }),
  });
}
