import { type HostKey, readHostKeys } from '../../gateway/keys/host-keys.ts';
import {
  knownHostsLine,
  type PublicPlace,
  sshfpLine,
  sshfpOf,
  typeInWords,
} from '../../gateway/keys/published-host-keys.ts';
import { counted } from '../../words/amounts.ts';
import { type Check, MOMENT } from '../check.ts';
import { type Judgement, right } from '../judgement.ts';

/** How clients know the factory, and what to hand out so that they know it beforehand. */
export const hostKeys: Check = {
  needs: 'nothing',
  limit: MOMENT,
  look: async ({ config: { data, domain, ssh } }) => {
    const keys = await readHostKeys(data);
    return judgeHostKeys({ host: domain, port: ssh.listen.port }, keys);
  },
};

export function judgeHostKeys(place: PublicPlace, keys: readonly HostKey[]): Judgement {
  if (keys.length === 0) return right('they are made at the first start');
  const inUse = keys.filter(({ isInUse }) => isInUse).map(({ publicKey }) => publicKey);
  const further = keys.length - inUse.length;
  const more = further === 0 ? '' : `; ${counted(further, 'further key')} announced`;
  return right(
    `${inUse.map((key) => `${typeInWords(key)} ${key.fingerprint}`).join(', ')}${more}`,
    ...keys.map(({ publicKey }) => knownHostsLine(place, publicKey)),
    ...keys.flatMap(({ publicKey }) => {
      const record = sshfpOf(publicKey);
      return record === undefined ? [] : [sshfpLine(place.host, record)];
    }),
  );
}
