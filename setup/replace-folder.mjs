// @ts-check
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';

/**
 * Puts a finished folder in the place of another, beside which it is: there is one at all times but for the moment between two renames,
 * and never a part of one.
 * @param {string} fresh
 * @param {string} place need not be there
 */
export async function replaceFolder(fresh, place) {
  const old = `${fresh}.old`;
  await rename(place, old).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
  try {
    await rename(fresh, place);
  } catch (error) {
    // Where somebody else was quicker, theirs stays.
    await rename(old, place).catch(() => undefined);
    throw error;
  } finally {
    if (existsSync(place)) await rm(old, { recursive: true, force: true });
  }
}
