import { expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { captured } from './testing/captures.ts';
import { serveWebhooks } from './testing/serve-webhooks.ts';

const CHANGED = new FactoryError('IDENTITY_CHANGED', 'This name belongs to another account than before.');

test('who has another account behind the name is refused, with a key that is listed', async () => {
  await using webhooks = await serveWebhooks({
    confirm: async (user) => (user === 'alice' ? { kind: 'confirmed' } : { kind: 'refused', error: CHANGED }),
  });
  const { request } = captured('pubkey-success');
  const asks = async (username: string) =>
    (await webhooks.post('/pubkey', { ...request.body, username })).body;
  expect(await asks('alice')).toMatchObject({ success: true });
  expect(await asks('bob')).toMatchObject({ success: false });
});

test('who is found out to be somebody else later loses the session', async () => {
  const { promise, resolve } = Promise.withResolvers<FactoryError | undefined>();
  await using webhooks = await serveWebhooks({
    confirm: async () => ({ kind: 'later', refusal: promise }),
  });
  const { request } = captured('pubkey-success');
  expect((await webhooks.post('/pubkey', request.body)).body).toMatchObject({ success: true });
  expect(webhooks.sessions.closed).toEqual([]);
  resolve(CHANGED);
  await promise;
  expect(webhooks.sessions.closed).toEqual([request.body.connectionId]);
});
