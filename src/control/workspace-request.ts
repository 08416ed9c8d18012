import { z } from 'zod';
import { parseLabName } from '../names/lab-name.ts';
import { parseUsername } from '../names/username.ts';
import { parseWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { WorkspaceCommand } from '../workspaces/workspace-command.ts';

/** The longest time that a pin may be asked for: most of a term; ms. */
export const LONGEST_PIN = 120 * 24 * 3_600_000;

/** Who gives the order: it ends up in the log and in the history. */
const by = z.string().regex(/^[^\p{Cc}]{1,64}$/u, { error: 'must be one line of at most 64 characters' });
const endSessions = z.boolean().default(false);

/** The bodies of `POST /workspaces/:user/:lab/:command`, each with its command as `kind`. */
const orderSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('suspend'), by, end_sessions: endSessions }),
  z.strictObject({ kind: z.literal('stop'), by, end_sessions: endSessions }),
  z.strictObject({ kind: z.literal('start'), by }),
  z.strictObject({ kind: z.literal('reset'), by, part: z.enum(['container', 'cluster']).default('cluster') }),
  z.strictObject({
    kind: z.literal('delete'),
    by,
    end_sessions: endSessions,
    home: z.boolean().default(false),
  }),
  z
    .strictObject({
      kind: z.literal('pin'),
      by,
      until: z.iso.datetime({ offset: true }).optional(),
      for_ms: z.int().min(1).optional(),
    })
    .refine(({ until, for_ms: span }) => (until === undefined) !== (span === undefined), {
      error: 'needs one of until and for_ms',
    }),
  z.strictObject({ kind: z.literal('unpin'), by }),
]);

export const orderAddress = z.object({
  user: z.string().refine((text) => parseUsername(text) !== undefined, { error: 'is no user name' }),
  lab: z.string().refine((text) => parseLabName(text) !== undefined, { error: 'is no lab name' }),
  command: z.string(),
});

export type OrderBody = z.input<typeof orderSchema>;
export type OrderKind = OrderBody['kind'];

/** An order to one workspace, and who gave it. */
export interface WorkspaceOrder {
  readonly key: WorkspaceKey;
  readonly command: WorkspaceCommand;
  readonly by: string;
}

/** What a request asks for; with a mistake in it, that in words. `now`: ms since the epoch. */
export function readOrder(
  parameters: unknown,
  body: unknown,
  now: number,
): WorkspaceOrder | { readonly mistake: string } {
  const address = orderAddress.safeParse(parameters);
  if (!address.success) return { mistake: z.prettifyError(address.error) };
  const { user, lab, command: kind } = address.data;
  const key = parseWorkspaceKey(user, lab);
  if (key === undefined) return { mistake: `${user}/${lab} is no workspace` };
  const order = orderSchema.safeParse({ ...(typeof body === 'object' ? body : {}), kind });
  if (!order.success) return { mistake: z.prettifyError(order.error) };
  const command = commandOf(order.data, now);
  if (command.kind === 'pin' && (command.until <= now || command.until > now + LONGEST_PIN)) {
    return { mistake: `the end of a pin must be ahead, and at most ${LONGEST_PIN / 86_400_000} days` };
  }
  return { key, command, by: order.data.by };
}

function commandOf(order: z.output<typeof orderSchema>, now: number): WorkspaceCommand {
  switch (order.kind) {
    case 'suspend':
    case 'stop':
      return { kind: order.kind, endSessions: order.end_sessions };
    case 'delete':
      return { kind: order.kind, home: order.home, endSessions: order.end_sessions };
    case 'reset':
      return { kind: order.kind, part: order.part };
    case 'pin':
      return {
        kind: order.kind,
        until: order.until === undefined ? now + (order.for_ms ?? 0) : Date.parse(order.until),
      };
    case 'start':
    case 'unpin':
      return { kind: order.kind };
  }
}
