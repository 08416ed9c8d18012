// @ts-check
import { writeJson } from './atomic-file.mjs';

/**
 * What set-up tells the factory: where k3d is, which images to use, and what is still on its way.
 * @typedef {object} SetupFacts
 * @property {string} k3d absolute path
 * @property {{ node: string, traefik: string }} images
 * @property {{ tools: string, loadbalancer: string }} [k3dImages] only where stand-ins take their place
 * @property {string} [python] absolute path of the python3 that has the programs of tests; only for them
 *
 * @typedef {{ state: 'building' | 'failed', note: string }} Arrival `note` is shown to students who wait
 */

/**
 * The file that the factory reads. `pid` is the process that keeps `arriving` true: where it is gone, nothing arrives.
 * @param {string} path
 * @param {SetupFacts} facts
 */
export function createSetupFile(path, facts) {
  /** @type {Record<string, Arrival>} */
  let arriving = {};
  let written = Promise.resolve();

  // One after the other: two writers would share the name of the fresh file.
  const write = () => {
    const content = { ...facts, arriving: { ...arriving }, pid: process.pid };
    written = written.catch(() => undefined).then(() => writeJson(path, content));
    return written;
  };

  return {
    path,
    write,
    /**
     * @param {string} image
     * @param {Arrival} arrival
     */
    arrives(image, arrival) {
      const known = arriving[image];
      if (known?.state === arrival.state && known.note === arrival.note) return written;
      arriving = { ...arriving, [image]: arrival };
      return write();
    },
    /** @param {string} image */
    arrived(image) {
      const { [image]: _, ...others } = arriving;
      arriving = others;
      return write();
    },
  };
}
