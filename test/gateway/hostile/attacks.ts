import type { Attacks } from './attack.ts';
import { BEFORE_THE_KEYS } from './before-the-keys.ts';
import { CONNECTED } from './connected.ts';
import { IN_THE_LOGIN } from './in-the-login.ts';
import { RUNNING } from './running.ts';

/** Each by what it does; `npm test` tries them one after the other. */
export const ATTACKS: Attacks = { ...BEFORE_THE_KEYS, ...IN_THE_LOGIN, ...CONNECTED, ...RUNNING };
