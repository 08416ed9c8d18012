import type { Logger } from '../../../logging/logger.ts';
import { nativeMlKem } from './native-ml-kem.ts';

/** ML-KEM-768 (FIPS 203), from whoever has it. */
export interface MlKem {
  /** For one exchange. */
  generate(): DecapsulationKey;
  /** Throws for a key that is no encapsulation key (FIPS 203 §7.2: its length, its coefficients). */
  encapsulate(publicKey: Buffer): Encapsulation;
}

export interface DecapsulationKey {
  /** The encapsulation key; 1184 bytes. */
  readonly publicKey: Buffer;
  /** 32 bytes; others than the sender's for a ciphertext that was not made for this key. Throws for a wrong length. */
  decapsulate(ciphertext: Buffer): Buffer;
}

export interface Encapsulation {
  /** 1088 bytes. */
  readonly ciphertext: Buffer;
  /** 32 bytes. */
  readonly secret: Buffer;
}

/** Node's own, which OpenSSL does, else a library's. */
export async function openMlKem(logger: Logger): Promise<MlKem> {
  const native = nativeMlKem();
  if (native !== undefined) return native;
  logger.info('this Node has no ML-KEM: the library in its place takes longer for each login');
  const { libraryMlKem } = await import('./library-ml-kem.ts');
  return libraryMlKem;
}
