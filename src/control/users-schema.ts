import { z } from 'zod';
import type { RememberedAccount } from '../identity/describe-user.ts';
import { parseUsername, type Username } from '../names/username.ts';

const username = z.custom<Username>((text) => typeof text === 'string' && parseUsername(text) === text);

/** What is remembered of a user; times in ms since the epoch. As `RememberedAccount`. */
export const userSchema = z
  .object({
    user: username,
    source: z.string(),
    id: z.int().optional(),
    since: z.int(),
    refused: z.object({ id: z.int(), since: z.int() }).optional(),
  })
  .transform(({ id, refused, ...rest }): RememberedAccount => ({ ...rest, id, refused }));

export const usersSchema = z.object({ users: z.array(userSchema) });

/** The path of `POST /users/<user>/acceptance`. */
export const userPathSchema = z.object({
  user: z.string().transform((text, context): Username => {
    const user = parseUsername(text);
    if (user !== undefined) return user;
    context.issues.push({ code: 'custom', input: text, message: 'must be a user name' });
    return z.NEVER;
  }),
});
