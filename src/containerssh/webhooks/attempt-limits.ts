import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';

/** So many in a minute. */
export interface AttemptLimitValues {
  /** Of one client's address; a whole class may be behind one. */
  readonly perAddress: number;
  /** For one user name, from addresses where it has not logged in lately: an agent with ten keys asks ten times. */
  readonly perUser: number;
  /** Without the right secret, from one address; further ones are neither compared nor logged. */
  readonly perStranger: number;
}

export const ATTEMPT_LIMITS: AttemptLimitValues = { perAddress: 600, perUser: 120, perStranger: 30 };

const MINUTE = 60_000;
const DAY = 86_400_000;
const MOST_PLACES = 10_000;

/** How often somebody is asked about. All addresses and names are the client's, as ContainerSSH tells of them. */
export interface AttemptLimits {
  /** Counts one; false: there have been too many. */
  take(request: FastifyRequest): Promise<boolean>;
  /** They have logged in from there, so that nobody can keep them out by asking for their name elsewhere. */
  remember(attempt: Attempt): void;
  /** Counts a caller without the right secret; false: there have been too many. */
  takeStranger(request: FastifyRequest): Promise<boolean>;
}

interface Attempt {
  readonly remoteAddress: string;
  readonly username: string;
}

const attemptIn = z.object({ remoteAddress: z.string(), username: z.string() });

/** Keeps its counts in memory, in caches that forget the least recently seen. */
export async function createAttemptLimits(
  app: FastifyInstance,
  { perAddress, perUser, perStranger }: AttemptLimitValues,
): Promise<AttemptLimits> {
  await app.register(rateLimit, { global: false, timeWindow: MINUTE, cache: MOST_PLACES });
  const ofAddress = app.createRateLimit({
    max: perAddress,
    keyGenerator: ({ body }) => addressOf(attemptIn.parse(body)),
  });
  const ofUser = app.createRateLimit({
    max: perUser,
    keyGenerator: ({ body }) => userOf(attemptIn.parse(body)),
  });
  const ofStranger = app.createRateLimit({ max: perStranger });
  const places = new LRUCache<string, true>({ max: MOST_PLACES, ttl: DAY });
  return {
    async take(request) {
      const attempt = attemptIn.parse(request.body);
      if (isOver(await ofAddress(request))) return false;
      return places.has(placeOf(attempt)) || !isOver(await ofUser(request));
    },
    remember: (attempt) => void places.set(placeOf(attempt), true),
    takeStranger: async (request) => !isOver(await ofStranger(request)),
  };
}

function isOver(count: { readonly isAllowed: boolean; readonly isExceeded?: boolean }): boolean {
  return count.isExceeded === true;
}

/** An IPv6 client has its whole /64, so all of it counts as one. */
function addressOf({ remoteAddress }: Pick<Attempt, 'remoteAddress'>): string {
  const host = remoteAddress.slice(0, 64).replace(/:\d+$/, '');
  return normalizeIP(host.replace(/^\[|\]$/g, ''));
}

/** The user of `alice/k3s` is the one of `alice`. */
function userOf({ username }: Pick<Attempt, 'username'>): string {
  return username.split(/[/+]/, 1).join('').toLowerCase().slice(0, 64);
}

function placeOf(attempt: Attempt): string {
  return `${userOf(attempt)} ${addressOf(attempt)}`;
}
