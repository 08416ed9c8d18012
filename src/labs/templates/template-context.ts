import type { Role } from '../../names/role.ts';
import { parseUsername, type Username } from '../../names/username.ts';
import type { Given } from '../lab-definition.ts';

/** For whom a lab is made. */
export interface TemplateContext {
  readonly user: Username;
  /** Names of their groups. */
  readonly groups: readonly string[];
  readonly role: Role;
  /** The factory's. */
  readonly domain: string;
  readonly given: Given;
}

/** The user of labs that are looked at in general: a name that nobody writes into a lab. */
export const SAMPLE_USER = sampleUser();

/** Fits where a text, an image, a URL or a header can stand; for secrets that nobody knows yet. */
export const SAMPLE_SECRET = 'https://secret.example.org';

/** Somebody for whom a lab must be right before anybody uses it. */
export function sampleContext(role: Role): TemplateContext {
  return {
    user: SAMPLE_USER,
    groups: ['sample-group'],
    role,
    domain: 'lab.example.org',
    given: { values: {} },
  };
}

function sampleUser(): Username {
  const name = parseUsername('sample-user');
  if (name === undefined) throw new Error('"sample-user" is a user name');
  return name;
}
