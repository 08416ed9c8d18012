import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { captures } from '../testing/captures.ts';
import { serveWebhooks } from '../testing/serve-webhooks.ts';

const PATHS = ['/pubkey', '/password', '/authz', '/config', '/cleanup'];
/** A yes or no, or the mistake of who asks. Never 5xx, which ContainerSSH would try again for a minute. */
const STATUSES = new Set([200, 400, 413, 415, 422]);
const RUNS = { numRuns: 300 };
const MARK = 'hush-hush';

const most = 1_000_000;
const limits = { attempts: { perAddress: most, perUser: most, perStranger: most } };
let webhooks: Awaited<ReturnType<typeof serveWebhooks>>;
beforeAll(async () => {
  webhooks = await serveWebhooks({
    limits: { attempts: { perAddress: most, perUser: most, perStranger: most } },
  });
});
afterAll(() => webhooks[Symbol.asyncDispose]());

/** Answered in time with one of the statuses, and the log has nothing of what is secret. */
async function send(path: string, text: string): Promise<void> {
  const { status } = await webhooks.post(path, text);
  expect([path, text, STATUSES.has(status)]).toEqual([path, text, true]);
}

const path = fc.constantFrom(...PATHS);
const capture = fc.constantFrom(...captures());
const junk = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '\0',
    '\u202e',
    '__proto__',
    '../../etc/passwd',
    '$(id)',
    '{{7*7}}',
    'x'.repeat(20_000),
  ),
);

test('any JSON', async () => {
  await fc.assert(
    fc.asyncProperty(path, fc.json({ maxDepth: 4 }), (to, text) => send(to, text)),
    RUNS,
  );
});

test('any text', async () => {
  await fc.assert(
    fc.asyncProperty(path, fc.string({ unit: 'binary', maxLength: 300 }), (to, text) => send(to, text)),
    RUNS,
  );
});

test('captured requests with a field that is something else, is missing, or is more', async () => {
  const field = fc.oneof(
    fc.constantFrom('remoteAddress', 'connectionId', 'username', 'authenticatedUsername', 'clientVersion'),
    fc.constantFrom(
      'publicKey',
      'passwordBase64',
      'metadata',
      'environment',
      'files',
      '__proto__',
      'constructor',
    ),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(path, capture, field, junk, fc.boolean(), (to, { request }, name, value, gone) => {
      const entries = Object.entries(request.body).filter(([each]) => each !== name);
      const body = gone ? entries : [...entries, [name, value]];
      return send(to, JSON.stringify(Object.fromEntries(body)));
    }),
    RUNS,
  );
});

test('captured requests with bytes that are cut off, doubled or changed', async () => {
  const cut = fc.tuple(fc.nat(2_000), fc.nat(40), fc.string({ maxLength: 20 }));
  await fc.assert(
    fc.asyncProperty(path, capture, cut, (to, { request }, [at, length, instead]) => {
      const text = JSON.stringify(request.body);
      return send(to, text.slice(0, at) + instead + text.slice(at + length));
    }),
    RUNS,
  );
});

test('a body that is too long, deep, or of another type', async () => {
  for (const to of PATHS) {
    await send(to, JSON.stringify({ ...captures()[0]?.request.body, username: 'x'.repeat(70_000) }));
    await send(to, `${'['.repeat(30_000)}${']'.repeat(30_000)}`);
    await send(to, `${'{"metadata":'.repeat(4_000)}1${'}'.repeat(4_000)}`);
    const other = await webhooks.post(to, 'a=1', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(other.status).toBe(401);
  }
});

test('passwords, keys and what is passed on never reach the log, whatever else of the request is right', async () => {
  await using own = await serveWebhooks({ limits });
  const base64 = Buffer.from(MARK.repeat(3)).toString('base64');
  const secrets = {
    passwordBase64: base64,
    metadata: { TOKEN: { value: MARK, sensitive: true }, PLAIN: { value: MARK, sensitive: false } },
    environment: { X: { value: MARK, sensitive: true } },
    files: { '/x': { value: base64, sensitive: true } },
  };
  // Each where it belongs, so that all that is logged of a request is among the lines, whatever chance brings below.
  for (const { path: to, request } of captures()) await own.post(to, { ...request.body, ...secrets });
  await fc.assert(
    fc.asyncProperty(path, capture, junk, async (to, { request }, value) => {
      await own.post(to, { ...request.body, ...secrets });
      await own.post(to, { ...request.body, ...secrets, connectionId: value });
      await own.post(to, { ...request.body, ...secrets, publicKey: `ssh-ed25519 ${base64}` });
      // The text with an end missing is no JSON, and a parser likes to quote what it could not read.
      await own.post(to, JSON.stringify({ ...request.body, ...secrets }).slice(0, -1));
    }),
    { numRuns: 50 },
  );
  const log = own.lines.join('');
  expect(own.audits().length).toBeGreaterThanOrEqual(captures().length);
  expect(log).toContain('SHA256:');
  for (const secret of [MARK, base64, base64.slice(0, 12), 'AAAAC3NzaC1lZDI1NTE5'])
    expect(log).not.toContain(secret);
});

test('every line of the audit log is one printable line that names the connection', async () => {
  for (const { path: to, request } of captures()) await webhooks.post(to, request.body);
  const audits = webhooks.audits().filter(({ what }) => what !== 'caller');
  expect(audits.length).toBeGreaterThanOrEqual(captures().length);
  for (const { who, from, connection, door, result } of audits) {
    expect(String(who)).toMatch(/^[\x20-\x7e]{0,255}$/);
    expect(String(from)).toMatch(/^[\x20-\x7e]{0,255}$/);
    expect(connection).toMatch(/^[0-9a-zA-Z-]{8,64}$/);
    expect([door, ['accepted', 'refused', 'limited', 'later'].includes(String(result))]).toEqual([
      'containerssh',
      true,
    ]);
  }
});
