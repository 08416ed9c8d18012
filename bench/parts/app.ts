import { request } from 'node:http';
import { eventually } from '../../test/e2e/harness/eventually.ts';
import type { WebApp } from '../../test/e2e/harness/web-app.ts';
import type { ClusterDoor } from './cluster-door.ts';

const SAYS = 'hello from the bench';
/** ms */
const REQUEST_LIMIT = 3_000;

/** The test app behind an Ingress, and where this host asks for it. */
export interface App {
  readonly definition: WebApp;
  readonly at: { readonly host: string; readonly port: number };
}

/** In a bare cluster: asked for at the node's own ingress. */
export async function appOf(door: ClusterDoor): Promise<App> {
  return appAt('bare.lab.test', { host: await door.address(), port: 80 });
}

export function appAt(host: string, at: App['at']): App {
  return { definition: { name: 'hello', says: SAYS, hosts: [host] }, at };
}

/** Resolves with the first answer that is the app's own; asks every `every` ms. */
export async function untilAppAnswers({ definition, at }: App, every: number): Promise<void> {
  const [host = ''] = definition.hosts;
  await eventually(() => answers(host, at), { what: `http://${host} answers`, within: 120_000, every });
}

/** A request to a paused node waits in its kernel and is answered as soon as it runs: the sharpest clock there is. */
function answers(name: string, at: App['at']): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const signal = AbortSignal.timeout(REQUEST_LIMIT);
  const asked = request({ ...at, path: '/', headers: { host: name }, agent: false, signal }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    response.on('error', reject);
    response.on('end', () => resolve(response.statusCode === 200 && body.includes(SAYS)));
  });
  asked.on('error', reject).end();
  return promise;
}
