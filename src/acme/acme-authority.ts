import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AcmeConfig } from '../config/sections/acme.ts';
import { FactoryError } from '../errors/factory-error.ts';

/** Who gives out certificates in the labs: an ACME server, and what has to be trusted for it. */
export interface AcmeAuthority {
  /** URL of its directory (RFC 8555 §7.1.1). */
  readonly directory: string;
  /** Undefined: no address is given with an account. */
  readonly email: string | undefined;
  /** Certificates, PEM, of the server itself and of what it gives out; undefined: everybody trusts those already. */
  readonly root: string | undefined;
}

/** Throws `CONFIG_INVALID` where the root is no file with certificates. */
export function readAcmeAuthority({ directory, email, root }: AcmeConfig): AcmeAuthority {
  return { directory, email, root: root === undefined ? undefined : readRoot(root) };
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates alone, whatever stands between them: it goes to every student. */
function readRoot(file: string): string {
  try {
    const certificates = readFileSync(file, 'utf8').match(CERTIFICATE) ?? [];
    if (certificates.length === 0) throw new Error('no certificate');
    return certificates.map((pem) => new X509Certificate(pem).toString()).join('');
  } catch (cause) {
    throw new FactoryError('CONFIG_INVALID', `acme.root: ${file} is no file with certificates (PEM).`, {
      cause,
    });
  }
}
