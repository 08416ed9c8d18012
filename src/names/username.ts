declare const brand: unique symbol;

/**
 * A validated user name: lower-case letters, digits and single inner hyphens, 1 to 39 characters. This is GitHub's
 * own rule, and what passes it is safe as a DNS label (RFC 1035 §2.3.1), a Docker name and a file name.
 */
export type Username = string & { readonly [brand]: 'Username' };

const USERNAME = /^(?=.{1,39}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** The user name in `text` in lower case (GitHub compares so), or undefined where it is none. */
export function parseUsername(text: string): Username | undefined {
  const lower = text.toLowerCase();
  return USERNAME.test(lower) ? (lower as Username) : undefined;
}
