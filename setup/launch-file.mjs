// @ts-check
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

const LAUNCH_FILE = join(ROOT, 'dist', '.node');

/**
 * Tells ./factory which Node runs the program, and from when on a changed file means that it is out of date. Where
 * this user may not write it, each start looks closely, which costs time and nothing else.
 * @param {string} node
 * @param {Date} lookedAt when the sources were begun to be looked at: what changed since has not been seen
 */
export async function writeLaunchFile(node, lookedAt) {
  try {
    await writeFile(LAUNCH_FILE, `${node}\n`);
    await utimes(LAUNCH_FILE, lookedAt, lookedAt);
  } catch {
    // As said above.
  }
}
