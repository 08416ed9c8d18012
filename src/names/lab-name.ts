declare const brand: unique symbol;

/** A validated lab name: lower-case letters, digits and single inner hyphens, 1 to 32 characters. */
export type LabName = string & { readonly [brand]: 'LabName' };

const LAB_NAME = /^(?=.{1,32}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** The lab name in `text`, or undefined where it is none. */
export function parseLabName(text: string): LabName | undefined {
  return LAB_NAME.test(text) ? (text as LabName) : undefined;
}
