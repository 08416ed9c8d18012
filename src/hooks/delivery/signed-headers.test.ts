import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { signedHeaders } from './signed-headers.ts';

const MESSAGE = { id: 'msg_1', body: '{"type":"delete"}' };
const NOW = 1_700_000_000_500;

function signatureBy(key: string | Buffer): string {
  return `v1,${createHmac('sha256', key).update(`msg_1.1700000000.${MESSAGE.body}`).digest('base64')}`;
}

test.each([
  ['whsec_c2VjcmV0', 'secret'],
  ['any text: ä€😀', 'any text: ä€😀'],
])('the secret %s signs as Standard Webhooks says', (secret, key) => {
  const headers = signedHeaders({ secret, headers: {} }, MESSAGE, '1', NOW);
  expect(headers).toMatchObject({
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1700000000',
    'webhook-signature': signatureBy(Buffer.from(key)),
  });
});

test("without a secret nothing is signed, and the lab's headers take the place of none of ours", () => {
  const own = {
    authorization: 'Bearer x',
    Host: 'evil.example',
    'Webhook-Id': 'msg_2',
    'webhook-signature': 'v1,forged',
    'Content-Length': '1',
    'TRANSFER-ENCODING': 'chunked',
    'Proxy-Authorization': 'x',
  };
  const headers = signedHeaders({ secret: undefined, headers: own }, MESSAGE, '1', NOW);
  expect(headers).toEqual({
    authorization: 'Bearer x',
    accept: 'application/json',
    'accept-encoding': 'identity',
    'content-type': 'application/json',
    'user-agent': 'ssh-lab-factory/1',
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1700000000',
  });
});
