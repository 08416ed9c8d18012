import { Webhook } from 'standardwebhooks';
import type { HookDefinition } from '../../labs/lab-definition.ts';

/** Ours, and those by which a request could be made to mean something else; lower case. */
const RESERVED = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'accept-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'user-agent',
]);

export interface Message {
  /** The same at every try. */
  readonly id: string;
  readonly body: string;
}

/** The headers of one try, signed as Standard Webhooks has it. `now`: ms since the epoch. */
export function signedHeaders(
  { secret, headers }: Pick<HookDefinition, 'secret' | 'headers'>,
  { id, body }: Message,
  version: string,
  now: number,
): Record<string, string> {
  const at = new Date(now);
  return {
    ...Object.fromEntries(Object.entries(headers).filter(([name]) => !isReserved(name.toLowerCase()))),
    accept: 'application/json',
    'accept-encoding': 'identity',
    'content-type': 'application/json',
    'user-agent': `ssh-lab-factory/${version}`,
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1_000)),
    ...(secret !== undefined && { 'webhook-signature': signer(secret).sign(id, at, body) }),
  };
}

export function isReserved(name: string): boolean {
  return RESERVED.has(name) || name.startsWith('webhook-') || name.startsWith('proxy-');
}

/** `whsec_` and base64 is the key itself; any other text is the key by its bytes in UTF-8. Throws where `whsec_` is not followed by base64. */
function signer(secret: string): Webhook {
  if (secret.startsWith('whsec_')) return new Webhook(secret);
  return new Webhook(Buffer.from(secret), { format: 'raw' });
}
