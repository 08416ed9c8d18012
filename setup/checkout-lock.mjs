// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from './paths.mjs';
import { SetupError } from './setup-error.mjs';

/** A wait that a person notices; ms. */
const NOTICED = 500;
/** `npm ci` and the compiler on a slow machine with a slow network; s. */
const LONGEST_WAIT = 1_800;
/** EX_TEMPFAIL of sysexits.h: what flock is told to end with when it has waited for so long. */
const WAITED_TOO_LONG = 75;

/**
 * Runs `work` while no other set-up does so in this checkout: `npm ci` and the compiler would take each other's files
 * away. The lock is that of flock(1) on the folder itself, held by a helper that ends when we do, however that is. Where
 * there is no flock, as on macOS, there is no lock.
 * @template T
 * @param {{ steps: import('./steps.mjs').Steps }} context
 * @param {() => Promise<T>} work
 * @param {string} [folder]
 * @returns {Promise<T>}
 */
export async function aloneInCheckout({ steps }, work, folder = ROOT) {
  const wait = ['-w', String(LONGEST_WAIT), '-E', String(WAITED_TOO_LONG)];
  // Detached: a ^C must not take the lock from those who still clear up.
  const holder = spawn('flock', ['-x', ...wait, folder, 'sh', '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const ended = once(holder, 'close').then(
    ([code]) => code,
    () => undefined, // no flock here
  );
  const waiting = setTimeout(
    () => steps.say('another set-up is at work in this checkout: waiting for it'),
    NOTICED,
  );
  try {
    const first = await Promise.race([once(holder.stdout, 'data').then(() => 'locked'), ended]);
    if (first === WAITED_TOO_LONG) {
      throw new SetupError('Another set-up has been at work in this checkout for half an hour.', {
        hint: 'look for it (ps ax | grep setup/), end it, and run this again.',
      });
    }
    clearTimeout(waiting);
    return await work();
  } finally {
    clearTimeout(waiting);
    holder.stdin.on('error', () => undefined).end();
    await ended;
  }
}
