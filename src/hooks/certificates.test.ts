import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeCertificate } from '../../test/e2e/harness/certificate.ts';
import { ALICE, hooksIn, labWith } from './testing/hooks-under-test.ts';

test('a certificate of nobody is refused, one of the operator’s authority is not; and only for its name', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'certificate-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const { file, pem, keyPem } = await makeCertificate(folder, ['localhost']);
  const received: string[] = [];
  const server = createServer({ cert: pem, key: keyPem }, (request, response) => {
    received.push(request.headers.host ?? '');
    response.writeHead(204).end();
  }).listen(0, '127.0.0.1');
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const config = { privateAddresses: ['127.0.0.0/8', '::1/128'], giveUpAfter: 1_000, ca: undefined };
  const attempt = async (host: string, ca: string | undefined) => {
    const lab = labWith(`https://${host}:${port}`, ['delete']);
    const data = await mkdtemp(join(folder, 'data-'));
    await using under = hooksIn(data, () => lab, { config: { ...config, ca } });
    under.hooks.deleted(ALICE, lab);
    await expect.poll(() => under.events).toHaveLength(1);
    return under.hooks.office.list(1).hooks[0]?.last_error ?? 'delivered';
  };
  expect(await attempt('localhost', undefined)).toMatch(/certificate/);
  expect(await attempt('127.0.0.1', file)).toMatch(/does not match|altnames/i);
  expect(received).toEqual([]);
  expect(await attempt('localhost', file)).toBe('delivered');
  expect(received).toEqual([`localhost:${port}`]);
  expect(() => hooksIn(folder, () => undefined, { config: { ...config, ca: join(folder, 'none') } })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID' }),
  );
});
