import type { Certificate } from '../e2e/harness/certificate.ts';
import type { RecordingBackend } from './recording-backend.ts';

/** A user's host at the edge, and what is behind it. */
export interface Place {
  readonly host: string;
  readonly backend: RecordingBackend;
}

/** Where a trick is played: two users that no other trick has to do with, both awake. */
export interface Stage {
  readonly alice: Place;
  readonly bob: Place;
  readonly ports: { readonly http: number; readonly https: number; readonly kube: number };
  /** For a backend that is to open TLS. */
  readonly certificate: Certificate;
}

/**
 * Something that a client may send, and what comes of it. The words and the answers are also a row of docs/routing-tricks.md;
 * in the words alice and bob are these users' hosts.
 */
export interface Trick {
  readonly sends: string;
  /** In order: `alice` or `bob` where their workspace answers, a status of the edge's own, `closed`, `alert 112` … */
  readonly answers: readonly string[];
  readonly because?: string;
  readonly play: (stage: Stage) => Promise<readonly string[]>;
}

/** Tricks of one kind. The first is a control: what an honest client sends in the same way. */
export interface TrickTable {
  readonly title: string;
  readonly about: string;
  readonly tricks: readonly Trick[];
}
