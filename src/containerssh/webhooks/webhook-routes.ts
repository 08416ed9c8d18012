import type { FastifyReply } from 'fastify';
import { FactoryError } from '../../errors/factory-error.ts';
import { PROBLEM_TYPE, problemOf, problemSchema } from '../../http/problem.ts';
import { parseAuthorizedKeysLine } from '../../identity/authorized-keys.ts';
import { type AuditEntry, audit } from '../../logging/audit.ts';
import { logFailure } from '../../logging/log-failure.ts';
import type { Logger } from '../../logging/logger.ts';
import { parseLogin } from '../../names/login.ts';
import { formatWorkspaceKey } from '../../names/workspace-key.ts';
import type { AttemptLimits } from './attempt-limits.ts';
import type { FrontDesk, Outcome } from './front-desk.ts';
import { launchConfig } from './launch-config.ts';
import {
  type AuthAnswer,
  authAnswer,
  authorizationRequest,
  type ConfigAnswer,
  cleanupAnswer,
  cleanupRequest,
  configAnswer,
  configRequest,
  type FrontRequest,
  type LaunchConfig,
  type PublicKeyRequest,
  passwordRequest,
  publicKeyRequest,
  REFUSAL,
  repeated,
} from './protocol.ts';
import type { WebhookApp } from './webhook-app.ts';

export interface WebhookContext {
  readonly desk: FrontDesk;
  readonly limits: AttemptLimits;
  readonly logger: Logger;
  /** The end of ContainerSSH's patience with a call that begins now. */
  readonly patience: () => AbortSignal;
}

/** Where they are, below the server's URL. */
export const WEBHOOKS = ['/pubkey', '/password', '/authz', '/config', '/cleanup'] as const;

/** ContainerSSH asks again by itself, after 10 s whatever it is told. */
const RETRY_AFTER = '10';

const NOT_YET = { 503: problemSchema.describe('It is not known yet: ask again.') };

/** ContainerSSH's four calls, and the one of its pull request 567. Each decision is one line of the audit log. */
export function addWebhookRoutes(app: WebhookApp, context: WebhookContext): void {
  const { desk, limits, patience } = context;
  const auth = { response: { 200: authAnswer } };

  app.post(
    '/pubkey',
    {
      schema: {
        summary: 'Whether a key would do',
        body: publicKeyRequest,
        response: { 200: authAnswer, ...NOT_YET },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const outcome = (await limits.take(request)) ? await desk.askKey(body, patience()) : LIMITED;
      record(context, body, 'key', outcome, { fingerprints: fingerprintsOf(body) });
      if (outcome.kind === 'later') return sayLater(reply, outcome.reason);
      return answer(body, outcome.kind === 'accepted' ? outcome.user : undefined);
    },
  );

  app.post(
    '/password',
    { schema: { summary: 'Whether a password is right: no source has any', body: passwordRequest, ...auth } },
    async (request) => {
      const outcome = (await limits.take(request)) ? NO_PASSWORDS : LIMITED;
      record(context, request.body, 'password', outcome);
      return answer(request.body, undefined);
    },
  );

  app.post(
    '/authz',
    { schema: { summary: 'Whether there is a lab for them', body: authorizationRequest, ...auth } },
    async (request) => {
      const { body } = request;
      const outcome = (await limits.take(request)) ? desk.chooseLab(body) : LIMITED;
      record(context, body, 'authorization', outcome, labOf(outcome));
      return answer(body, outcome.kind === 'accepted' ? body.authenticatedUsername : undefined);
    },
  );

  app.post(
    '/config',
    {
      schema: {
        summary: 'What to run for them',
        body: configRequest,
        response: { 200: configAnswer, ...NOT_YET },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const choice = (await limits.take(request)) ? desk.chooseLab(body) : LIMITED;
      if (choice.kind !== 'accepted') {
        record(context, body, 'login', choice);
        return configOf(body, REFUSAL);
      }
      const outcome = await desk.open(choice.key, body, patience());
      record(context, body, 'login', outcome, labOf(choice));
      if (outcome.kind === 'later') return sayLater(reply, outcome.reason);
      if (outcome.kind === 'refused') return configOf(body, REFUSAL);
      limits.remember(body);
      return configOf(body, launchConfig(outcome.launch));
    },
  );

  app.post(
    '/cleanup',
    { schema: { summary: 'A connection is over', body: cleanupRequest, response: { 200: cleanupAnswer } } },
    async ({ body: { connectionId } }) => {
      desk.close(connectionId);
      const entry = { who: '', from: 'containerssh', connection: connectionId } as const;
      audit(
        context.logger,
        { ...entry, door: 'containerssh', what: 'end', result: 'accepted' },
        'session over',
      );
      return {};
    },
  );
}

const LIMITED = { kind: 'limited', reason: 'too many tries' } as const;
const NO_PASSWORDS = { kind: 'refused', reason: 'no source has passwords' } as const;

function record(
  { logger }: WebhookContext,
  { username, remoteAddress, connectionId }: FrontRequest,
  what: keyof typeof MESSAGES,
  outcome: Outcome<object> | typeof LIMITED,
  more: Partial<AuditEntry> & { readonly workspace?: string } = {},
): void {
  const { workspace, ...rest } = more;
  const entry: AuditEntry = {
    who: username,
    from: remoteAddress,
    door: 'containerssh',
    what,
    result: outcome.kind,
    ...('reason' in outcome && { reason: outcome.reason }),
    connection: connectionId,
    ...rest,
  };
  // What a defect of ours kept out has its whole chain in a line of its own.
  const error = 'error' in outcome ? outcome.error : undefined;
  const errorId = error && logFailure(logger, error, { workspace, connection: connectionId });
  // `factory logs alice` finds it by these.
  const user = parseLogin(username)?.user;
  const fields = { ...(user && { user }), ...(workspace && { workspace }), ...(errorId && { errorId }) };
  audit(logger, entry, MESSAGES[what], fields);
}

const MESSAGES = {
  key: 'asked about a key',
  password: 'asked about a password',
  authorization: 'asked for a lab',
  login: 'login through ContainerSSH',
  end: 'session over',
} as const satisfies Partial<Record<AuditEntry['what'], string>>;

function labOf(choice: ReturnType<FrontDesk['chooseLab']> | typeof LIMITED) {
  return choice.kind === 'accepted' ? { lab: choice.key.lab, workspace: formatWorkspaceKey(choice.key) } : {};
}

function fingerprintsOf({ publicKey }: PublicKeyRequest): string[] {
  const reading = parseAuthorizedKeysLine(publicKey);
  return 'key' in reading ? [reading.key.fingerprint] : [];
}

/** `user` undefined: a no, which is not a failure. */
function answer(body: FrontRequest, user: string | undefined): AuthAnswer {
  const success = user !== undefined;
  return { ...repeated(body), success, ...(success && { authenticatedUsername: user }) };
}

function configOf(body: FrontRequest, config: LaunchConfig | typeof REFUSAL): ConfigAnswer {
  const { authenticatedUsername } = body;
  return { ...repeated(body), ...(authenticatedUsername !== undefined && { authenticatedUsername }), config };
}

function sayLater(reply: FastifyReply, reason: string): FastifyReply {
  const problem = problemOf(new FactoryError('TIMED_OUT', `${reason}; ask again.`), 503);
  return reply.code(503).type(PROBLEM_TYPE).header('retry-after', RETRY_AFTER).send(problem);
}
