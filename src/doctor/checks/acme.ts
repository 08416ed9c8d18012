import { quoted } from '../../words/shell-word.ts';
import type { Check } from '../check.ts';
import { doubtful, type Judgement, right, together, wrong } from '../judgement.ts';
import type { AcmeDirectory, DirectoryVisit } from '../outside/directory-visit.ts';
import type { PublicSite } from '../outside/public-site.ts';
import { judgeOffset } from './clock.ts';

/** ms. An ACME server's certificates hold from a moment on, often of a minute ago. */
export const ACME_CLOCK_WRONG = 60_000;

/** The ACME server of the configuration, as labs will meet it. */
export const acme: Check<PublicSite> = {
  needs: 'nothing',
  limit: 30_000,
  look: async ({ config, directory }) => judgeAcme(config.acme.directory, await directory),
};

export function judgeAcme(url: string, visit: DirectoryVisit): Judgement {
  const { hostname } = new URL(url);
  const curl = `curl -v ${quoted(url)}`;
  switch (visit.kind) {
    case 'failed':
      return wrong(`the ACME server ${hostname} does not answer: ${visit.reason}`, curl);
    case 'untrusted':
      return untrusted(hostname, visit.code, curl);
    case 'other':
      return together(
        [
          wrong(
            `${url} is no ACME directory: ${visit.reason}`,
            'in the configuration: acme: { directory: … }, with the path that the server documents',
            curl,
          ),
          judgeItsClock(hostname, visit.clockOffset),
        ],
        '',
      );
    case 'directory':
      return together(
        [judgeAccounts(hostname, visit.directory), judgeItsClock(hostname, visit.clockOffset)],
        `${hostname} answers, is trusted and speaks ACME; the clock agrees with its`,
      );
  }
}

/** A clock that is wrong looks the same as a certificate that is too old or too new. */
function untrusted(hostname: string, code: string, curl: string): Judgement {
  const isOfTime = code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID';
  return wrong(
    `the certificate of the ACME server ${hostname} is not trusted (${code})`,
    isOfTime
      ? "date   # is this machine's clock right?"
      : 'in the configuration: acme: { root: … }, the file with the certificate of its authority',
    curl,
  );
}

function judgeAccounts(hostname: string, { meta }: AcmeDirectory): Judgement {
  if (!meta.externalAccountRequired) return right(hostname);
  return doubtful(
    `${hostname} makes accounts only with a key that it gave out before (externalAccountRequired), and labs have none`,
    'in the configuration: acme: { directory: … } of a server that asks for none',
  );
}

function judgeItsClock(hostname: string, offset: number | undefined): Judgement {
  if (offset === undefined) {
    return doubtful(`${hostname} does not tell the time, so the clock was not compared`, 'timedatectl');
  }
  return judgeOffset({ name: hostname, offset }, { doubtful: ACME_CLOCK_WRONG, wrong: ACME_CLOCK_WRONG });
}
