import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultConfig } from '../config/default-config.ts';
import { recordingLogger, username } from '../identity/testing/fixtures.ts';
import { keyAdvice } from './key-advice.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'key-advice-'));
});
afterEach(() => rm(home, { recursive: true }));

/** Without a configured source the owner is the only user, with their own keys. */
const DEFAULTS = {
  owner: username('me'),
  images: { node: 'n', traefik: 't' },
  labs: '/none',
  lab: undefined,
};

const advise = (signal: AbortSignal) =>
  keyAdvice(
    {
      config: defaultConfig(home, DEFAULTS, []),
      home,
      agentSocket: undefined,
      logger: recordingLogger().logger,
    },
    signal,
  );

test('who has no key is told how to make one', async () => {
  expect(await advise(new AbortController().signal)).toContain('ssh-keygen -t ed25519');
});

test('where that is not found out in time nothing is said, and the factory goes on', async () => {
  expect(await advise(AbortSignal.abort())).toBeUndefined();
});
