import type { HostKey } from '../gateway/keys/host-keys.ts';
import {
  knownHostsLine,
  type PublicPlace,
  sshfpLine,
  sshfpOf,
  typeInWords,
} from '../gateway/keys/published-host-keys.ts';
import { textTable } from '../words/text-table.ts';

/** The host keys as an operator hands them out. The keys of the JSON are stable. */
export function publishedKeys(place: PublicPlace, keys: readonly HostKey[]) {
  const rows = keys.map(({ publicKey, isInUse, file }) => {
    const record = sshfpOf(publicKey);
    return {
      type: publicKey.type,
      fingerprint: publicKey.fingerprint,
      in_use: isInUse,
      file,
      known_hosts: knownHostsLine(place, publicKey),
      sshfp: record === undefined ? null : sshfpLine(place.host, record),
    };
  });
  const table = keys.map(({ publicKey, isInUse }) => [
    isInUse ? 'in use' : 'announced',
    typeInWords(publicKey),
    publicKey.fingerprint,
  ]);
  return {
    asJson: () => ({ host: place.host, port: place.port, keys: rows }),
    asText: () =>
      rows.length === 0
        ? 'There are no host keys yet; the first start of the factory makes them.'
        : [
            ...textTable(table),
            '',
            "For students' ~/.ssh/known_hosts:",
            ...rows.map((row) => row.known_hosts),
            '',
            'For the zone of the domain:',
            ...rows.flatMap(({ sshfp }) => sshfp ?? []),
          ].join('\n'),
  };
}
