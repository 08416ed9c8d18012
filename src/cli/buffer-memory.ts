import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 count the memory of buffers with its heap when it decides how often to collect. As it comes it walks through the whole heap
 * after every few dozen MiB of new buffers, however short they live, and whatever the factory passes on is in new buffers: that was
 * more than half of the time of a transfer by SSH, and terminals waited for it. A V8 that does not know the flag ignores it.
 */
export function countBuffersWithTheHeap(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
}
