import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

const minute = 60_000;

/** Tests of the tests' own tools, which need nothing. */
const HARNESS_TESTS = 'test/e2e/harness/**/*.test.ts';

/** Tests that take a Docker engine away, each one of its own. */
const ENGINE_TESTS = 'test/e2e/engine/**/*.test.ts';

/** A busy machine takes its time: a limit is for what never comes. Given to each project, as none inherits it. */
const PATIENT = { expect: { poll: { timeout: 30_000 } } };

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      // Fuzz tests take as long as the machine is busy: a limit is for what hangs. Many wait for something most of the time.
      {
        test: {
          ...PATIENT,
          name: 'unit',
          maxWorkers: '100%',
          include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'setup/**/*.test.mjs', HARNESS_TESTS],
          testTimeout: minute,
          hookTimeout: minute,
        },
      },
      {
        // The controllers in memory, for longer than a quick look may take.
        test: {
          ...PATIENT,
          name: 'model',
          include: ['test/model/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: minute,
          hookTimeout: minute,
        },
      },
      {
        // One room of the house each, with the real program on its other side.
        test: {
          ...PATIENT,
          name: 'rooms',
          include: ['test/{clusters,routing,runtime}/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 3 * minute,
          hookTimeout: 3 * minute,
        },
      },
      {
        // Rooms that need no Docker engine, and so need not wait for those that do.
        test: {
          ...PATIENT,
          name: 'light-rooms',
          include: ['test/{gateway,setup,systemd}/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 3 * minute,
          hookTimeout: 3 * minute,
        },
      },
      {
        // Real engine, real clusters. Much of it is waiting, so three files at a time; a busy machine may take its time.
        test: {
          ...PATIENT,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [HARNESS_TESTS, ENGINE_TESTS],
          globalSetup: ['test/e2e/global-setup.ts'],
          maxWorkers: 3,
          // Of the tests in one file that say they may run side by side, as ways-to-go has them.
          maxConcurrency: 6,
          testTimeout: 5 * minute,
          hookTimeout: 5 * minute,
        },
      },
      {
        // They touch nothing of the machine's own engine, so they need not wait for those who do.
        test: {
          ...PATIENT,
          name: 'engine',
          include: [ENGINE_TESTS],
          globalSetup: ['test/e2e/global-setup.ts'],
          fileParallelism: false,
          testTimeout: 5 * minute,
          hookTimeout: 5 * minute,
        },
      },
      {
        test: {
          ...PATIENT,
          name: 'soak',
          include: ['test/soak/**/*.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          fileParallelism: false,
          testTimeout: 30 * minute,
          hookTimeout: 5 * minute,
        },
      },
    ],
  },
});
