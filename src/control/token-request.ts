import { z } from 'zod';
import { parseLogin } from '../names/login.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Principal } from '../tokens/principal.ts';
import type { Revocation } from '../tokens/revocation.ts';

/** "alice/k3s" */
const workspace = z.string().transform((text, context): WorkspaceKey => {
  const login = parseLogin(text);
  if (login?.lab !== undefined) return { user: login.user, lab: login.lab };
  context.issues.push({ code: 'custom', input: text, message: 'must be user/lab' });
  return z.NEVER;
});

/** Which names and lifetimes there may be is for whoever makes the token. */
const lifetime = z.int().min(1);

/** The body of `POST /tokens`. */
export const tokenRequestSchema = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('student'), workspace, for_ms: lifetime }),
  z.strictObject({
    role: z.literal('instructor'),
    name: z.string(),
    groups: z.array(z.string()).min(1),
    for_ms: lifetime,
  }),
  z.strictObject({ role: z.literal('admin'), name: z.string(), for_ms: lifetime }),
]);

/** Its answer. */
export const createdTokenSchema = z.object({ token: z.string(), expires_at: z.iso.datetime() });

/** The answer of `POST /tokens/rotation`. */
export const rotationSchema = z.object({ kid: z.string(), signs_from: z.iso.datetime() });

/** The body of `POST /tokens/revocations`. */
export const revocationRequestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('workspace'), workspace }),
  z.strictObject({ kind: z.literal('name'), name: z.string().min(1).max(64) }),
  z.strictObject({ kind: z.literal('id'), id: z.uuid().toLowerCase() }),
]);

export type TokenRequestBody = z.input<typeof tokenRequestSchema>;
export type CreatedToken = z.output<typeof createdTokenSchema>;
export type RotationStatus = z.output<typeof rotationSchema>;
export type RevocationRequestBody = z.input<typeof revocationRequestSchema>;

export function principalOf(request: z.output<typeof tokenRequestSchema>): Principal {
  switch (request.role) {
    case 'student':
      return { role: request.role, key: request.workspace };
    case 'instructor':
      return { role: request.role, name: request.name, groups: request.groups };
    case 'admin':
      return { role: request.role, name: request.name };
  }
}

export function revocationOf(request: z.output<typeof revocationRequestSchema>): Revocation {
  return request.kind === 'workspace' ? { kind: request.kind, key: request.workspace } : request;
}
