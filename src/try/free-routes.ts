import type { FactoryConfig, ListenAddress } from '../config/factory-config.ts';
import { listenMistake } from '../config/ports-free.ts';

/** The addresses of the routes, with a free port wherever the given one can't be listened on. */
export async function freeRoutes({
  http,
  https,
  kube,
}: FactoryConfig['routes']): Promise<FactoryConfig['routes']> {
  const [freeHttp, freeHttps, freeKube] = await Promise.all([http, https, kube].map(freeOr));
  return { http: freeHttp ?? http, https: freeHttps ?? https, kube: freeKube ?? kube };
}

async function freeOr(address: ListenAddress): Promise<ListenAddress> {
  return (await listenMistake(address)) === undefined ? address : { ...address, port: 0 };
}
