import { BODIES } from './body-tricks.ts';
import { CONNECTIONS, FIELDS, PATHS } from './connection-tricks.ts';
import { HOSTS, TARGETS } from './host-tricks.ts';
import { HTTP2 } from './http2-tricks.ts';
import { CHUNKS, LENGTHS } from './length-tricks.ts';
import { INSIDE, SERVER_NAMES } from './tls-tricks.ts';
import type { TrickTable } from './trick.ts';
import { CL_TE, TE_CL } from './two-lengths-tricks.ts';

/** All that is tried, in the order of docs/routing-tricks.md. */
export const TRICK_TABLES: readonly TrickTable[] = [
  HOSTS,
  TARGETS,
  CONNECTIONS,
  FIELDS,
  PATHS,
  HTTP2,
  SERVER_NAMES,
  INSIDE,
  CL_TE,
  TE_CL,
  LENGTHS,
  CHUNKS,
  BODIES,
];
