import type { X509Certificate } from 'node:crypto';

/** What a client could ask for; a common name may be any text. */
const NAME = /^[\w*.:-]+$/;

/** The names and addresses that a certificate is for, as Traefik chooses one by: in lower case, a wildcard as it is. */
export function namesOf({ subjectAltName, subject }: X509Certificate): readonly string[] {
  const alternative = (subjectAltName ?? '')
    .split(', ')
    .map((entry) => entry.replace(/^(DNS|IP Address):/, ''));
  const common = subject?.split('\n').flatMap((entry) => (entry.startsWith('CN=') ? entry.slice(3) : []));
  return [...alternative, ...(common ?? [])]
    .filter((name) => NAME.test(name))
    .map((name) => name.toLowerCase());
}
