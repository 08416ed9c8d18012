// @ts-check
import { readFile, writeFile } from 'node:fs/promises';

const LIMIT = '/proc/sys/fs/inotify/max_user_instances';
/** A cluster takes about 15; at Linux's default of 128 the ninth one fails in odd ways. */
const ENOUGH = 1024;

/**
 * Raises the kernel's limit of inotify instances where it is low.
 * @param {{ steps: import('./steps.mjs').Steps }} context
 */
export async function ensureInotify({ steps }) {
  const found = Number(await readFile(LIMIT, 'utf8').catch(() => Number.NaN));
  if (Number.isNaN(found) || found >= ENOUGH) return;
  try {
    await writeFile(LIMIT, `${ENOUGH}\n`);
    steps.say(
      `raised fs.inotify.max_user_instances from ${found} to ${ENOUGH} (until the next boot): a cluster takes 15`,
    );
  } catch {
    steps.say(
      `fs.inotify.max_user_instances is ${found}, enough for ${Math.floor(found / 15)} clusters. ` +
        `To raise it: sudo sysctl -w fs.inotify.max_user_instances=${ENOUGH}`,
    );
  }
}
