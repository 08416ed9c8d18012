import { z } from 'zod';
import { type NodeName, parseNodeName } from '../names/node-name.ts';
import { parseWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';

// Each is one kind of value, as JSON has it and as the ports of the workspaces have it. What comes in is parsed as at any edge.

/** `{"user":"alice","lab":"k3s"}` */
export const workspaceKey = z.codec(
  z.strictObject({ user: z.string().max(64), lab: z.string().max(64) }),
  z.custom<WorkspaceKey>(),
  {
    decode: ({ user, lab }, context) => {
      const key = parseWorkspaceKey(user, lab);
      if (key !== undefined) return key;
      context.issues.push({ code: 'custom', input: `${user}/${lab}`, message: 'names no workspace' });
      return z.NEVER;
    },
    encode: ({ user, lab }) => ({ user, lab }),
  },
);

export const nodeName = z.codec(z.string().max(64), z.custom<NodeName>(), {
  decode: (text, context) => {
    const name = parseNodeName(text);
    if (name !== undefined) return name;
    context.issues.push({ code: 'custom', input: text, message: 'names no node' });
    return z.NEVER;
  },
  encode: (name) => name,
});

/** JSON has no undefined. */
export function orNull<T, Wire>(schema: z.ZodType<T, Wire>) {
  return z
    .union([z.codec(z.null(), z.undefined(), { decode: () => undefined, encode: () => null }), schema])
    .pipe(z.custom<T | undefined>());
}

/** Null, and not no value at all: an answer without a result is no answer. */
export const nothing = z.codec(z.null(), z.custom<void>(), { decode: () => undefined, encode: () => null });

/** ISO 8601 */
export const date = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (value) => value.toISOString(),
});

/** Bytes, in base64. */
export function bytes(most: number) {
  return z.codec(z.base64().max(Math.ceil(most / 3) * 4), z.custom<Uint8Array>(), {
    decode: (text) => Buffer.from(text, 'base64'),
    encode: (content) => Buffer.from(content).toString('base64'),
  });
}
