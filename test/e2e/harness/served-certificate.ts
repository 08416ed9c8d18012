import { once } from 'node:events';
import { connect } from 'node:tls';

/** A name that is not served is refused at once; ms. */
const HANDSHAKE_WITHIN = 30_000;

export interface ServedCertificate {
  /** In hexadecimal, lower case. */
  readonly serial: string;
  /** The common name of who signed it. */
  readonly issuer: string;
  /** ms since the epoch */
  readonly validTo: number;
}

/** The certificate that a client is shown for `name`; rejects where it would not trust it. `ca`: PEM. */
export async function servedCertificate(
  name: string,
  at: { readonly host: string; readonly port: number },
  ca: string,
): Promise<ServedCertificate> {
  const socket = connect({ ...at, servername: name, ca, timeout: HANDSHAKE_WITHIN });
  socket.once('timeout', () => socket.destroy(new Error(`${name}: no handshake in time`)));
  try {
    await once(socket, 'secureConnect');
    const { serialNumber, issuer, valid_to } = socket.getPeerCertificate();
    return {
      serial: serialNumber.toLowerCase(),
      issuer: String(issuer.CN),
      validTo: Date.parse(valid_to),
    };
  } finally {
    socket.destroy();
  }
}
