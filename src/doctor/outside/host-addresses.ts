import type { Dns, DnsAnswer } from './dns.ts';

/** What name servers say of where a host is. */
export interface HostAddresses {
  readonly name: string;
  readonly a: DnsAnswer<string>;
  readonly aaaa: DnsAnswer<string>;
}

/** Never rejects. */
export async function addressesOf(dns: Dns, name: string, signal: AbortSignal): Promise<HostAddresses> {
  const [a, aaaa] = await Promise.all([dns.a(name, signal), dns.aaaa(name, signal)]);
  return { name, a, aaaa };
}

export function recordsOf<T>(answer: DnsAnswer<T>): readonly T[] {
  return answer.kind === 'answered' ? answer.records : [];
}

/** IPv4 first, sorted. */
export function allAddresses({ a, aaaa }: HostAddresses): readonly string[] {
  return [...recordsOf(a).toSorted(), ...recordsOf(aaaa).toSorted()];
}

/** Why nothing is known of it; undefined where at least one question was answered. */
export function failureOf({ a, aaaa }: HostAddresses): string | undefined {
  return a.kind === 'failed' && aaaa.kind === 'failed' ? a.reason : undefined;
}
