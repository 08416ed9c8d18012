/** Of the files that go into a container by one order; bytes. */
export const MOST_FILES = 8 * 2 ** 20;

/** Of one file of a lab's folder; bytes. */
export const LARGEST_LAB_FILE = 2 ** 20;
