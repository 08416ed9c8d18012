import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createImageStore, type ImageStore } from '../../src/images/image-store.ts';
import { eventually } from '../e2e/harness/eventually.ts';
import { connectInside } from './inner-client.ts';
import { anyProgress, createFixture, debianLab, type RuntimeFixture, workspaceKey } from './lab-fixture.ts';

const MINUTE = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'image-build-'));
const signal = () => AbortSignal.timeout(2 * MINUTE);
let fixture: RuntimeFixture;
let images: ImageStore;
let image: string;

beforeAll(() => {
  fixture = createFixture();
  images = createImageStore({ engine: fixture.engine, setupFile: undefined });
  image = `ssh-lab-factory-test/${fixture.instance}`;
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
  // The build that nobody waits for any more may be in its last step, and Docker removes no image that is in use.
  await eventually(async () => (await containersOf({})).length === 0, { what: 'no build runs' });
  await fixture.engine.callUnless([404], {
    what: 'clean up',
    signal: signal(),
    timeout: 2 * MINUTE,
    request: async (docker) => {
      const filters = { label: [`of=${fixture.instance}`] };
      for (const { Id } of await docker.listImages({ filters }))
        await docker.getImage(Id).remove({ force: true });
    },
  });
  await rm(folder, { recursive: true });
}, 6 * MINUTE);

/** The step RUN, as the older builder and as BuildKit counts. */
const RUNS = /, step (?:3\/4|2\/2)/;

/** Sleeps before it fails or not, so that somebody can come or go meanwhile. */
const dockerfile = (word: string, command = 'true') =>
  writeFile(
    join(folder, 'Dockerfile'),
    `FROM ssh-lab-factory/lab-debian\nLABEL of=${fixture.instance}\nRUN echo ${word} >/word; ${command}\n`,
  );
const idOf = () =>
  fixture.engine.callUnless([404], {
    what: 'look',
    signal: signal(),
    request: async (docker) => (await docker.getImage(image).inspect()).Id,
  });

test(
  'an image is built where it is missing, once for all who wait, and again when what it is made of has changed',
  async () => {
    await dockerfile('first');
    const steps: string[][] = [[], [], []];
    const build = { image, folder };
    await Promise.all(steps.map((told) => images.ensureBuilt(build, (step) => told.push(step), signal())));
    const [told] = steps;
    expect(steps).toEqual([told, told, told]);
    expect(told?.[0]).toBe(`building ${image}`);
    expect(told?.slice(1).join()).toMatch(RUNS);
    const first = await idOf();
    expect(first).toBeDefined();
    const later: string[] = [];
    await images.ensureBuilt(build, (step) => later.push(step), signal());
    expect(later).toEqual([]);

    await dockerfile('second');
    const key = workspaceKey('alice');
    await fixture.runtime.create(key, debianLab({ image, build: folder }), anyProgress, signal());
    expect(await idOf()).not.toBe(first);
    using inside = await connectInside(fixture.runtime, key, fixture.innerKey);
    expect((await inside.run('cat /word')).stdout).toBe('second\n');
  },
  5 * MINUTE,
);

/** The containers in which steps of builds ran; the lab container of this image runs. */
const stepsLeft = () => containersOf({ status: ['exited'] });

/** Those of images that were built here, and of their builds. */
async function containersOf(filters: { readonly status?: string[] }): Promise<readonly string[]> {
  const containers = await fixture.engine.call({
    what: 'list what builds left',
    signal: signal(),
    request: (docker, abortSignal) =>
      docker.listContainers({
        all: true,
        filters: { label: [`of=${fixture.instance}`], ...filters },
        abortSignal,
      }),
  });
  return containers.map(({ Id }) => Id);
}

test(
  'a build that fails names the image, and the log has its words; one that nobody waits for ends',
  async () => {
    await dockerfile('third', 'echo in my own words; exit 3');
    const before = await idOf();
    await expect(images.ensureBuilt({ image, folder }, anyProgress, signal())).rejects.toMatchObject({
      code: 'LAB_IMAGE_MISSING',
      message: expect.stringContaining(image),
      detail: expect.stringContaining('in my own words'),
    });
    await expect.poll(stepsLeft).toEqual([]);
    await dockerfile('fourth', 'sleep 300');
    const gone = new AbortController();
    const building = images.ensureBuilt(
      { image, folder },
      (step) => RUNS.test(step) && gone.abort(new Error('gone')),
      gone.signal,
    );
    await expect(building).rejects.toThrow('gone');
    expect(await idOf()).toBe(before);
  },
  5 * MINUTE,
);

test(
  'an image of that name from elsewhere is left as it is',
  async () => {
    const own = `${image}-own`;
    await fixture.engine.call({
      what: 'name an image',
      signal: signal(),
      request: (docker) => docker.getImage('ssh-lab-factory/lab-debian').tag({ repo: own }),
    });
    const told: string[] = [];
    await images.ensureBuilt({ image: own, folder }, (step) => told.push(step), signal());
    expect(told).toEqual([]);
    await fixture.engine.call({
      what: 'clean up',
      signal: signal(),
      request: (docker) => docker.getImage(own).remove(),
    });
  },
  5 * MINUTE,
);
