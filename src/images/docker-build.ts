import { ExecaError, execa } from 'execa';
import { FactoryError } from '../errors/factory-error.ts';
import type { Progress } from '../workspaces/ports/progress.ts';

export interface ImageBuild {
  readonly image: string;
  /** With a Dockerfile; absolute. */
  readonly folder: string;
}

/** ms; packages of a distribution over a slow line. */
const BUILD_LIMIT = 3_600_000;

/** Of what the build said, for the log. */
const KEPT_LINES = 40;
const LONGEST_LINE = 500;

/** "Step 2/7 : RUN …", and BuildKit's "#6 [stage 2/7] RUN …" */
const STEP = /^(?:Step |#\d+ \[(?:\S+ +)?)(\d+\/\d+)/;

/**
 * Builds an image by the program `docker`, which knows of contexts, .dockerignore and BuildKit. Of what the build says people are told
 * the number of the step and nothing else. Rejects with `LAB_IMAGE_MISSING`, or the reason of `signal`.
 */
export async function buildImage(
  { image, folder }: ImageBuild,
  labels: Readonly<Record<string, string>>,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const labelled = Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]);
  const last: string[] = [];
  try {
    const build = execa('docker', ['build', '--force-rm', ...labelled, '--tag', image, folder], {
      stdin: 'ignore',
      all: true,
      buffer: false,
      timeout: BUILD_LIMIT,
      cancelSignal: signal,
    });
    for await (const line of build.iterable({ from: 'all' })) {
      last.push(line.slice(0, LONGEST_LINE));
      if (last.length > KEPT_LINES) last.shift();
      const [, step] = STEP.exec(line) ?? [];
      if (step !== undefined) progress(`building ${image}, step ${step}`);
    }
    await build;
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof ExecaError)) throw thrown;
    throw cannotBuild(image, [...last, thrown.shortMessage].join('\n'), thrown);
  }
}

export function cannotBuild(image: string, detail: string, cause?: unknown): FactoryError {
  return new FactoryError(
    'LAB_IMAGE_MISSING',
    `The image ${image} of the lab can't be built; look at its Dockerfile, and at what Docker says of it.`,
    { detail, cause },
  );
}
