import { readFileSync } from 'node:fs';
import type { AcmeConfig } from '../config/sections/acme.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { certificatesIn } from './pem.ts';

/** Who gives out certificates in the labs: an ACME server, and what has to be trusted for it. */
export interface AcmeAuthority {
  /** URL of its directory (RFC 8555 §7.1.1). */
  readonly directory: string;
  /** Undefined: no address is given with an account. */
  readonly email: string | undefined;
  /** Of its certificates; ms, whole hours. */
  readonly lifetime: number;
  /** Certificates, PEM, of the server itself and of what it gives out; undefined: everybody trusts those already. */
  readonly root: string | undefined;
}

/** Throws `CONFIG_INVALID` where the root is no file with certificates. */
export function readAcmeAuthority({ root, ...config }: AcmeConfig): AcmeAuthority {
  return { ...config, root: root === undefined ? undefined : readRoot(root) };
}

/** The certificates alone, without what else stands in the file: it goes to every student. */
function readRoot(file: string): string {
  try {
    const certificates = certificatesIn(readFileSync(file, 'utf8'));
    if (certificates.length === 0) throw new Error('no certificate');
    return certificates.join('');
  } catch (cause) {
    throw new FactoryError('CONFIG_INVALID', `acme.root: ${file} is no file with certificates (PEM).`, {
      cause,
    });
  }
}
