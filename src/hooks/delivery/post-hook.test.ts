import { lookup } from 'node:dns/promises';
import { expect, test } from 'vitest';
import { startReceiver, status } from '../testing/receiver.ts';
import { ForbiddenTarget, type HookRequest, postHook, type Site } from './post-hook.ts';

const lookUp = (name: string) => lookup(name, { all: true });
const LOOPBACK: Site = { policy: { privateAddresses: ['127.0.0.0/8'] }, ca: undefined, lookUp };
const NOWHERE: Site = { ...LOOPBACK, policy: { privateAddresses: [] } };
const { signal } = new AbortController();

function requestTo(url: string): HookRequest {
  return { url, headers: {}, body: '{"type":"delete"}', timeout: 2_000, wantsBody: false, onSent: () => {} };
}

test.each([
  'http://127.0.0.1:PORT/',
  'http://localhost:PORT/',
  'http://127.1:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f.0.0.1:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://127.0.0.1.:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
])('%s leads to the loopback only where the operator allows that', async (form) => {
  await using receiver = await startReceiver();
  const url = form.replace('PORT', new URL(receiver.url).port);
  await expect(postHook(requestTo(url), NOWHERE, signal)).rejects.toThrow(ForbiddenTarget);
  expect(receiver.received).toEqual([]);
  // The machine may call its loopback ::1 as well.
  const site = { ...LOOPBACK, policy: { privateAddresses: ['127.0.0.0/8', '::1/128'] } };
  expect(await postHook(requestTo(url), site, signal)).toMatchObject({ status: 204 });
  expect(receiver.received).toHaveLength(1);
});

test.each([
  ['http://8.8.8.8/', /must begin with https/],
  ['https://169.254.169.254/latest/meta-data', /not public/],
  ['https://[fd00:ec2::254]/', /not public/],
  ['https://100.100.100.200/', /not public/],
  ['https://alice:secret@example.org/', /user name or password/],
  ['file:///etc/passwd', /none of http/],
  ['ftp://example.org/', /none of http/],
  ['example.org', /none of http/],
])('%s is not called', async (url, why) => {
  await expect(postHook(requestTo(url), LOOPBACK, signal)).rejects.toThrow(why);
});

test('a redirect is an answer like others, and nobody goes there', async () => {
  await using other = await startReceiver();
  await using receiver = await startReceiver();
  receiver.answer = status(307, { location: `${other.url}/elsewhere` });
  expect(await postHook(requestTo(receiver.url), LOOPBACK, signal)).toMatchObject({ status: 307 });
  expect([receiver.received.length, other.received.length]).toEqual([1, 0]);
});

test('a proxy of the environment is not used', async () => {
  await using receiver = await startReceiver();
  process.env.HTTP_PROXY = 'http://127.0.0.1:1';
  try {
    expect(await postHook(requestTo(receiver.url), LOOPBACK, signal)).toMatchObject({ status: 204 });
  } finally {
    delete process.env.HTTP_PROXY;
  }
});

test('a name that changes its address after it was judged leads nowhere else', async () => {
  await using receiver = await startReceiver();
  const { port } = new URL(receiver.url);
  const url = `http://rebinding.example.org:${port}/`;
  const asked: string[] = [];
  const site: Site = {
    ...LOOPBACK,
    lookUp: async (name) => {
      asked.push(name);
      return [{ address: asked.length === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
    },
  };
  expect(await postHook(requestTo(url), site, signal)).toMatchObject({ status: 204 });
  expect(asked).toEqual(['rebinding.example.org']);
  expect(receiver.received[0]?.headers.host).toBe(`rebinding.example.org:${port}`);
});

test.each([[['8.8.8.8', '10.0.0.1']], [['2606:4700::1111', '::1']], [['10.0.0.1']]])(
  'a name at %j is refused: one address that is not public is enough',
  async (addresses) => {
    const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const site: Site = { ...NOWHERE, lookUp: async () => all };
    await expect(postHook(requestTo('https://example.org/'), site, signal)).rejects.toThrow(/not public/);
  },
);

test('a look-up that hangs ends with the time of the try', async () => {
  const site: Site = { ...LOOPBACK, lookUp: () => new Promise(() => {}) };
  const request = { ...requestTo('https://example.org/'), timeout: 50 };
  await expect(postHook(request, site, signal)).rejects.toThrow(/timeout/);
});
