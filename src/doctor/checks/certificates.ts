import type { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { certificatesIn } from '../../acme/pem.ts';
import type { FactoryConfig } from '../../config/factory-config.ts';
import { type Check, MOMENT } from '../check.ts';
import { doubtful, type Judgement, right, together, wrong } from '../judgement.ts';
import type { PublicSite } from '../outside/public-site.ts';

const DAY = 86_400_000;
/** So long before its end a certificate is in doubt; ms. */
export const ENDS_SOON = 30 * DAY;

/** The certificates that are configured: what labs trust besides the public authorities, and the factory's own. */
export const certificates: Check<PublicSite> = {
  needs: 'nothing',
  limit: MOMENT,
  look: async ({ config }) => {
    const files = filesOf(config);
    const judgements = await Promise.all(files.map((file) => judgeFile(file)));
    const valid = files.map(({ key, path }) => `${key} (${path})`).join(' and ');
    const days = ENDS_SOON / DAY;
    return together(
      judgements,
      valid === '' ? 'none is configured' : `${valid}: valid for more than ${days} days`,
    );
  },
};

interface CertificateFile {
  readonly key: 'acme.root' | 'web.tls.certificate';
  readonly path: string;
}

function filesOf({ acme, web }: Pick<FactoryConfig, 'acme' | 'web'>): readonly CertificateFile[] {
  return [
    ...(acme.root === undefined ? [] : [{ key: 'acme.root' as const, path: acme.root }]),
    ...(web.tls?.kind === 'files'
      ? [{ key: 'web.tls.certificate' as const, path: web.tls.certificate }]
      : []),
  ];
}

async function judgeFile(file: CertificateFile): Promise<Judgement> {
  const found = certificatesIn(await readFile(file.path, 'utf8'));
  return together(
    found.map((certificate) => judgeCertificate(file, certificate, Date.now())),
    file.path,
  );
}

/** `now`: ms since 1970. */
export function judgeCertificate(
  { key, path }: CertificateFile,
  {
    subject,
    ca,
    validFromDate,
    validToDate,
  }: Pick<X509Certificate, 'subject' | 'ca' | 'validFromDate' | 'validToDate'>,
  now: number,
): Judgement {
  const name = `${subject.trim().replaceAll(/\s*\n\s*/g, ', ')} in ${key} (${path})`;
  const remedy = `put the present certificate into ${path}, and start the factory anew`;
  if (key === 'acme.root' && !ca) {
    return wrong(`${name} is no certificate of an authority (CA:TRUE is missing)`, remedy);
  }
  if (validFromDate.getTime() > now) {
    return wrong(`${name} is valid only from ${dayOf(validFromDate)} on`, 'date', remedy);
  }
  const left = validToDate.getTime() - now;
  if (left < 0) return wrong(`${name} ended on ${dayOf(validToDate)}`, remedy);
  return left < ENDS_SOON ? doubtful(`${name} ends on ${dayOf(validToDate)}`, remedy) : right(name);
}

/** "2026-01-31" */
function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
