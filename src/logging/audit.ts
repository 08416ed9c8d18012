import { printable } from '../words/printable.ts';
import type { Logger } from './logger.ts';

/** What is decided about; docs/operate.md says of each what it is. */
export type Audited =
  | 'key'
  | 'password'
  | 'authorization'
  | 'login'
  | 'end'
  | 'caller'
  | 'order'
  | 'question'
  | 'kubeconfig'
  | 'token'
  | 'revocation'
  | 'signing_key'
  | 'hook'
  | 'drain'
  | 'account'
  | 'garbage';

/** A decision about somebody: who may come in, what is done on whose word. */
export interface AuditEntry {
  /** The name under which they come, as they say it. */
  readonly who: string;
  /** "192.0.2.7:50122", or another way in: "control socket", "lab alice/k3s". */
  readonly from: string;
  /** Through which door: "ssh", "containerssh", "api", "control", "clusters", "lab". */
  readonly door: string;
  readonly what: Audited;
  /** `limited`: too many tries, so not looked at. `later`: not decided yet, they will ask again. */
  readonly result: 'accepted' | 'refused' | 'limited' | 'later' | 'failed';
  /** A short phrase for the operator, or the code of an error. */
  readonly reason?: string | undefined;
  /** Of the connection or session, under which other lines tell more. */
  readonly connection?: string | undefined;
  readonly lab?: string | undefined;
  /** Of the keys, never more of them than that: "SHA256:…". */
  readonly fingerprints?: readonly string[] | undefined;
  /** For how many decisions of one kind this line stands, if not for one. */
  readonly times?: number | undefined;
}

/** Of each text, characters; a sentence for a student is longer than a name. */
const LONGEST = 255;

/**
 * One line in the log for one decision, with `audit: true`. What somebody made up (names, addresses) becomes printable and short;
 * nothing that is secret has a place in it.
 */
export function audit(logger: Logger, entry: AuditEntry, message: string, fields: object = {}): void {
  const { who, from, reason, connection } = entry;
  const clean = {
    ...entry,
    who: printable(who, LONGEST),
    from: printable(from, LONGEST),
    ...(reason !== undefined && { reason: printable(reason, LONGEST) }),
    ...(connection !== undefined && { connection: printable(connection, LONGEST) }),
  };
  logger.info({ ...fields, audit: true, ...clean }, message);
}
