import { execa } from 'execa';
import { z } from 'zod';
import { PATIENCE } from './eventually.ts';
import { type CommandOutcome, runFactory } from './factory-command.ts';

const reportSchema = z.strictObject({
  findings: z.array(
    z.strictObject({
      check: z.string(),
      verdict: z.enum(['right', 'doubtful', 'wrong', 'skipped']),
      text: z.string().min(1),
      remedy: z.array(z.string().min(1)),
      details: z.array(z.string().min(1)),
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
  args: readonly string[] = [],
): Promise<Examination> {
  const { code, stdout, stderr } = await runDoctor(folder, ['--json', ...args], env);
  const report = reportSchema.parse(JSON.parse(stdout));
  return {
    ...report,
    code,
    stderr,
    finding(check) {
      const [found, another] = report.findings.filter((finding) => finding.check === check);
      if (found === undefined || another !== undefined) throw new Error(`not one finding of ${check}`);
      return found;
    },
  };
}

/** Resolves when it has ended, whatever its status. */
export function runDoctor(
  folder: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandOutcome> {
  return runFactory(folder, ['doctor', ...args], { env });
}

/** Types what a finding says. */
export async function typeRemedy(remedy: readonly string[]): Promise<void> {
  await execa('bash', ['--norc', '-e'], { input: remedy.join('\n'), timeout: PATIENCE });
}
