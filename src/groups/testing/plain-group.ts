import { NO_OVERRIDES } from '../../config/factory-config.ts';

/** What a group for tests has beside its name, members and labs. */
export const PLAIN_GROUP = { role: 'student', roster: undefined, overrides: NO_OVERRIDES } as const;
