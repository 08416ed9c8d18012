import type { FactoryConfig, ListenAddress } from '../config/factory-config.ts';
import { listenMistake } from '../config/ports-free.ts';

/** The addresses of the routes, with a free port wherever the given one can't be listened on. */
export async function freeRoutes(routes: FactoryConfig['routes']): Promise<FactoryConfig['routes']> {
  const { http, https, kube } = routes;
  const [freeHttp, freeHttps, freeKube] = await Promise.all([http, https, kube].map(freeOr));
  return { ...routes, http: freeHttp ?? http, https: freeHttps ?? https, kube: freeKube ?? kube };
}

async function freeOr(address: ListenAddress): Promise<ListenAddress> {
  return (await listenMistake(address)) === undefined ? address : { ...address, port: 0 };
}
