import { expect, test } from 'vitest';
import { ForbiddenTarget, type HookRequest, postHook } from './post-hook.ts';
import { startReceiver, status } from './testing/receiver.ts';

const LOOPBACK = { policy: { privateAddresses: ['127.0.0.0/8'] }, ca: undefined };
const NOWHERE = { policy: { privateAddresses: [] }, ca: undefined };
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
