declare const brand: unique symbol;

/**
 * Names one factory on a Docker engine that may serve several: 8 characters of `a-z0-9`. It is part of every Docker
 * name and label, so that factories side by side never touch each other's objects.
 */
export type InstanceId = string & { readonly [brand]: 'InstanceId' };

export function parseInstanceId(text: string): InstanceId | undefined {
  return /^[a-z0-9]{8}$/.test(text) ? (text as InstanceId) : undefined;
}
