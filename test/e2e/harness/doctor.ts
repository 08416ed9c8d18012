import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { PROGRAM } from './set-up.ts';

const reportSchema = z.strictObject({
  findings: z.array(
    z.strictObject({
      check: z.string(),
      verdict: z.enum(['right', 'doubtful', 'wrong', 'skipped']),
      text: z.string().min(1),
      remedy: z.array(z.string().min(1)),
    }),
  ),
  counts: z.strictObject({ right: z.int(), doubtful: z.int(), wrong: z.int(), skipped: z.int() }),
});

type Report = z.infer<typeof reportSchema>;

export interface Examination extends Report {
  readonly code: number | undefined;
  readonly stderr: string;
  /** Throws where there is not exactly one. */
  finding(check: string): Report['findings'][number];
}

/** `factory doctor --json` on the files in `folder`. */
export async function examine(
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Examination> {
  const { exitCode, stdout, stderr } = await runDoctor(folder, ['--json'], env);
  const report = reportSchema.parse(JSON.parse(stdout));
  return {
    ...report,
    code: exitCode,
    stderr,
    finding(check) {
      const [found, another] = report.findings.filter((finding) => finding.check === check);
      if (found === undefined || another !== undefined) throw new Error(`not one finding of ${check}`);
      return found;
    },
  };
}

/** Resolves when it has ended, whatever its status. */
export async function runDoctor(
  folder: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [PROGRAM, 'doctor', '--config', 'factory.yaml', ...args],
    {
      cwd: folder,
      reject: false,
      timeout: 90_000,
      env: { FACTORY_SETUP: join(folder, 'setup.json'), ...env },
    },
  );
  return { exitCode, stdout, stderr };
}

/** Types what a finding says. */
export async function typeRemedy(remedy: readonly string[]): Promise<void> {
  await execa('bash', ['-e'], { input: remedy.join('\n'), timeout: 60_000 });
}
