import { printable } from '../words/printable.ts';
import type { Logger } from './logger.ts';

/** A decision about somebody: who may come in, what is done on whose word. */
export interface AuditEntry {
  /** The name under which they come, as they say it. */
  readonly who: string;
  /** "192.0.2.7:50122", or another way in: "control socket". */
  readonly from: string;
  /** Through which door: "ssh", "containerssh". */
  readonly door: string;
  /** `key`: whether a key would do. `login`: they are in, or not. `caller`: a program that asks us. `end`: of a session. */
  readonly what: 'key' | 'password' | 'authorization' | 'login' | 'caller' | 'end' | 'order';
  /** `limited`: too many tries, so not looked at. `later`: not decided yet, they will ask again. */
  readonly result: 'accepted' | 'refused' | 'limited' | 'later' | 'failed';
  /** A short phrase for the operator. */
  readonly reason?: string | undefined;
  /** Of the connection or session, under which other lines tell more. */
  readonly connection?: string | undefined;
  readonly lab?: string | undefined;
  /** Of the keys, never more of them than that: "SHA256:…". */
  readonly fingerprints?: readonly string[] | undefined;
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
