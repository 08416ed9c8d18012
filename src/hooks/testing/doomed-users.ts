/** Whose receiver takes everything, now or later. */
export const PLAIN_USERS = ['alice', 'bob'];

/** With each of them something else happens that leads to other writes. */
export const ODD_USERS = {
  /** The receiver refuses `initialization`, by 403 and by 410. */
  refused: 'erin',
  /** It answers 410 to each other hook when it comes for the first time. */
  gone: 'frank',
  /** Its answer to `initialization` can not be used. */
  unusable: 'grace',
  /** Their workspace is deleted when they have gone. */
  deleted: 'ivan',
  /** It never takes `session_start`, and the operator drops it. */
  stuck: 'judy',
} as const;
