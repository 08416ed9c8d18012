import { X509Certificate } from 'node:crypto';
import { readAcmeAuthority } from '../../acme/acme-authority.ts';
import { counted } from '../../words/amounts.ts';
import type { Check } from '../check.ts';
import { doubtful, type Judgement, right, together, wrong } from '../judgement.ts';
import type { PublicSite } from '../outside/public-site.ts';

const DAY = 86_400_000;
/** So long before its end a certificate is in doubt; ms. */
export const ROOT_ENDS_SOON = 30 * DAY;

/** The certificates that labs trust besides the public ones. */
export const acmeRoot: Check<PublicSite> = {
  needs: 'nothing',
  limit: 2_000,
  look: async ({ config }) => {
    const { root: file } = config.acme;
    const { root } = readAcmeAuthority(config.acme);
    if (file === undefined || root === undefined)
      return right('none is configured: the public ones are enough');
    return judgeRoots(file, certificatesIn(root), Date.now());
  },
};

function certificatesIn(pem: string): readonly X509Certificate[] {
  return pem
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .flatMap((one) => (one.trim() === '' ? [] : [new X509Certificate(one)]));
}

/** What is judged of a certificate. */
export type Root = Pick<X509Certificate, 'subject' | 'ca' | 'validFromDate' | 'validToDate'>;

/** `now`: ms since 1970. */
export function judgeRoots(file: string, roots: readonly Root[], now: number): Judgement {
  return together(
    roots.map((root) => judgeRoot(file, root, now)),
    `${counted(roots.length, 'certificate')} in ${file}, valid for more than ${ROOT_ENDS_SOON / DAY} days`,
  );
}

function judgeRoot(file: string, { subject, ca, validFromDate, validToDate }: Root, now: number): Judgement {
  const name = `${subject.trim().replaceAll(/\s*\n\s*/g, ', ')} in ${file}`;
  const remedy = "in the configuration: acme: { root: … }, the authority's present certificate";
  if (!ca) return wrong(`${name} is no certificate of an authority (CA:TRUE is missing)`, remedy);
  if (validFromDate.getTime() > now)
    return wrong(`${name} is valid only from ${dayOf(validFromDate)} on`, 'date', remedy);
  const left = validToDate.getTime() - now;
  if (left < 0) return wrong(`${name} ended on ${dayOf(validToDate)}`, remedy);
  if (left < ROOT_ENDS_SOON) return doubtful(`${name} ends on ${dayOf(validToDate)}`, remedy);
  return right(name);
}

/** "2026-01-31" */
function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
