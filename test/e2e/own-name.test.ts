import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeCertificate } from './harness/certificate.ts';
import { NO_DOCKER } from './harness/cluster-service.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { request } from './harness/http-request.ts';
import { makeRunFolder } from './harness/run-folder.ts';
import { sweepFolder } from './harness/sweeper.ts';

const HOST = 'console.lab.test';

test('the own name is on HTTPS by files, which the gateway reads and the other process only has mounted', async () => {
  const folder = await makeRunFolder();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => sweepFolder(folder));
  const { file } = await makeCertificate(folder, [HOST]);
  const factory = stack.use(
    await Factory.start({
      split: true,
      config: {
        web: { listen: '127.0.0.1:0', host: HOST, tls: { certificate: file, key: join(folder, 'tls.key') } },
      },
      env: { DOCKER_HOST: NO_DOCKER },
    }),
  );
  const { http, https } = factory.endpoints.routes;
  const health = await eventually(
    () => request({ url: `https://${HOST}/healthz`, at: https, caFile: file }),
    { what: 'the own name answers by its own certificate' },
  );
  expect([health.status, health.body]).toEqual([200, '{"status":"ok"}']);
  expect((await request({ url: `http://${HOST}/`, at: http })).status).toBe(302);
  const nobody = await request({ url: 'http://nobody.lab.test/', at: http });
  expect([nobody.status, nobody.body.includes('There is nothing here')]).toEqual([404, true]);
  const placed = join(factory.folder, 'data', 'own-certificate');
  expect((await stat(placed)).mode & 0o777).toBe(0o700);
  expect(await readdir(join(placed, 'for-traefik'))).toHaveLength(2);
});

test('with an authority that nobody reaches the factory runs, and what Traefik would keep has its place', async () => {
  await using factory = await Factory.start({
    config: {
      web: { listen: '127.0.0.1:0', host: HOST, tls: 'acme' },
      acme: { directory: 'https://127.0.0.1:9/dir' },
    },
  });
  const { http, https } = factory.endpoints.routes;
  await eventually(async () => (await request({ url: `http://${HOST}/`, at: http })).status === 302, {
    what: 'the own name leads to HTTPS',
  });
  await expect(request({ url: `https://${HOST}/`, at: https })).rejects.toThrow(/unrecognized name/);
  expect(await readdir(join(factory.folder, 'data', 'own-acme', 'for-traefik'))).toEqual([
    expect.stringMatching(/^[0-9a-f]{16}\.json$/),
  ]);
});
