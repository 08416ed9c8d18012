/**
 * Every error code there is, and who can mend it: `student`, `operator`, or nobody but us (`defect`).
 * The codes are stable: scripts and docs name them (docs/errors.md lists them; a test holds the two together).
 */
export const ERROR_CODES = {
  CONFIG_INVALID: 'operator',
  CONFIG_UNREADABLE: 'operator',
  PORT_IN_USE: 'operator',
  ALREADY_RUNNING: 'operator',
  NOT_RUNNING: 'operator',
  CONTROL_FAILED: 'operator',
  DATA_FOLDER_NEWER: 'operator',
  DATA_FOLDER_UNREADABLE: 'operator',
  SSH_KEY_UNUSABLE: 'operator',
  IDENTITY_UNAVAILABLE: 'operator',
  LAB_INVALID: 'operator',
  LAB_IMAGE_MISSING: 'operator',
  LAB_IMAGE_WITHOUT_SSHD: 'operator',
  IMAGE_UNAVAILABLE: 'operator',
  DOCKER_UNAVAILABLE: 'operator',
  DOCKER_FAILED: 'operator',
  K3D_MISSING: 'operator',
  DISK_NEARLY_FULL: 'operator',
  SUBNETS_EXHAUSTED: 'operator',
  CLUSTER_FAILED: 'operator',
  CLUSTER_NOT_READY: 'student',
  WORKSPACE_ASLEEP: 'student',
  CONTAINER_FAILED: 'operator',
  INNER_SSHD_FAILED: 'student',
  TRAEFIK_FAILED: 'operator',
  LAB_UNKNOWN: 'student',
  LAB_WITHOUT_CLUSTER: 'student',
  LOG_ENTRY_UNKNOWN: 'operator',
  TIMED_OUT: 'operator',
  SHUTTING_DOWN: 'operator',
  UNEXPECTED: 'defect',
} as const satisfies Record<string, 'student' | 'operator' | 'defect'>;

export type ErrorCode = keyof typeof ERROR_CODES;
