import { LETS_ENCRYPT } from '../../config/sections/acme.ts';
import type { AcmeAuthority } from '../acme-authority.ts';

/** What a factory has whose configuration says nothing of it. */
export const PUBLIC_AUTHORITY: AcmeAuthority = {
  directory: LETS_ENCRYPT,
  email: undefined,
  lifetime: 90 * 86_400_000,
  root: undefined,
};
