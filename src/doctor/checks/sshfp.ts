import { type HostKey, readHostKeys } from '../../gateway/keys/host-keys.ts';
import { type Sshfp, sshfpLine, sshfpOf, typeInWords } from '../../gateway/keys/published-host-keys.ts';
import { counted } from '../../words/amounts.ts';
import type { Check } from '../check.ts';
import { doubtful, type Judgement, right, skipped, together, wrong } from '../judgement.ts';
import { notKnown, type PublicSite } from '../outside/public-site.ts';
import { type SshfpAnswer, sshfpRecords } from '../outside/sshfp-records.ts';

/** Whether what the DNS says of the host keys is true. */
export const sshfp: Check<PublicSite> = {
  needs: 'nothing',
  limit: 30_000,
  look: async (site, signal) => {
    const unknown = await notKnown(site);
    if (unknown !== undefined) return unknown;
    const { config, dns, names } = site;
    const [keys, answer] = await Promise.all([
      readHostKeys(config.data).catch(() => undefined),
      sshfpRecords(dns.servers, names.domain, signal),
    ]);
    if (keys === undefined) return skipped('the host keys can not be read');
    return judgeSshfp(names.domain, keys, answer);
  },
};

export function judgeSshfp(host: string, keys: readonly HostKey[], answer: SshfpAnswer): Judgement {
  if (answer.kind === 'failed') {
    return doubtful(
      `whether ${host} has SSHFP records can not be found out: ${answer.reason}`,
      `dig ${host} SSHFP`,
    );
  }
  const { records, isSigned } = answer;
  if (records.length === 0) return right('there are no SSHFP records, and need be none; host-keys has them');
  const judgements = [
    ...keys.map((key) => judgeKey(host, key, records)),
    ...records.map((record) => judgeRecord(host, record, keys)),
  ];
  const trust = isSigned ? 'signed (DNSSEC)' : 'not signed (DNSSEC), so that ssh asks all the same';
  return together(judgements, `those of ${counted(keys.length, 'host key')} are right, and ${trust}`);
}

/** ssh takes the algorithm of the key that it was shown, and asks for one record that fits. */
function judgeKey(host: string, { publicKey, isInUse }: HostKey, records: readonly Sshfp[]): Judgement {
  const own = sshfpOf(publicKey);
  if (own === undefined || records.some((record) => isOf(publicKey, record))) return right(host);
  const key = `the ${typeInWords(publicKey)} host key ${publicKey.fingerprint}`;
  const line = sshfpLine(host, own);
  if (isInUse && records.some(({ algorithm }) => algorithm === own.algorithm)) {
    return wrong(`the SSHFP records are of another key than ${key}: an ssh that looks there warns`, line);
  }
  return doubtful(`${key} has no SSHFP record, and others have`, line);
}

function judgeRecord(host: string, record: Sshfp, keys: readonly HostKey[]): Judgement {
  if (keys.some(({ publicKey }) => isOf(publicKey, record))) return right(host);
  return doubtful(
    `an SSHFP record is of no host key of the factory: ${record.algorithm} ${record.hash} ${record.fingerprint.slice(0, 12)}…`,
    `remove: ${sshfpLine(host, record)}`,
  );
}

function isOf(key: HostKey['publicKey'], { algorithm, hash, fingerprint }: Sshfp): boolean {
  if (hash !== 1 && hash !== 2) return false;
  const own = sshfpOf(key, hash);
  return own?.algorithm === algorithm && own.fingerprint === fingerprint;
}
