import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { fixedGroups } from '../../groups/groups.ts';
import { descriptionOf } from '../../http/description-of.ts';
import { createLabAccess } from '../../labs/lab-access.ts';
import { createLabCatalogue } from '../../labs/lab-catalogue.ts';
import { createLogger } from '../../logging/logger.ts';
import { MemorySessions } from '../testing/memory-sessions.ts';
import { ATTEMPT_LIMITS } from './attempt-limits.ts';
import { createWebhookApp } from './webhook-app.ts';

// The published description is this very snapshot: `npx vitest run --project unit -u src/containerssh/webhooks/openapi.test.ts` writes it anew.
test('docs/containerssh-openapi.json is what the schemas that validate say', async () => {
  const app = await createWebhookApp({
    createServer: (listener) => createServer(listener),
    check: undefined,
    attempts: ATTEMPT_LIMITS,
    patience: () => AbortSignal.timeout(1),
    identity: {
      credentials: [],
      lookup: async () => ({ kind: 'unknown' }),
      confirm: async () => ({ kind: 'confirmed' }),
    },
    labAccess: createLabAccess(fixedGroups([]), createLabCatalogue([])),
    sessions: new MemorySessions(),
    logger: createLogger('silent', []),
  });
  await app.ready();
  const text = `${JSON.stringify(descriptionOf(app), undefined, 2)}\n`;
  await app.close();
  await expect(text).toMatchFileSnapshot('../../../docs/containerssh-openapi.json');

  const { openapi, paths, components } = JSON.parse(text);
  expect([openapi, Object.keys(paths)]).toEqual([
    '3.1.1',
    ['/pubkey', '/password', '/authz', '/config', '/cleanup'],
  ]);
  const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '');
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) expect(components.schemas).toHaveProperty(name);
});
