import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../test/e2e/harness/set-up.ts';
import type { Options } from './options.ts';
import { reportJson } from './report/json.ts';
import { comingAndGoingSection, measuredSection, timelineSection } from './report/markdown.ts';
import { withSection } from './report/page-section.ts';
import type { Report } from './report/report.ts';

/** Prints the tables, and writes them where the options say. */
export async function publish(
  report: Report,
  { json, writeDocs }: Pick<Options, 'json' | 'writeDocs'>,
): Promise<void> {
  const measured = measuredSection(report);
  const timeline = timelineSection(report);
  if (report.comparisons.length > 0 || report.loads.length > 0) process.stdout.write(`${measured}\n\n`);
  const comingAndGoing = report.comingAndGoing.length > 0 ? comingAndGoingSection(report) : undefined;
  if (comingAndGoing !== undefined) process.stdout.write(`${comingAndGoing}\n\n`);
  if (report.paths.length > 0) process.stdout.write(`${timeline}\n`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(reportJson(report), null, 2)}\n`);
  if (!writeDocs) return;
  await writeSection('README.md', measured);
  await writeSection('docs/performance.md', timeline);
  if (comingAndGoing !== undefined)
    await writeSection('docs/performance.md', comingAndGoing, 'bench-coming-and-going');
}

async function writeSection(page: string, section: string, name?: string): Promise<void> {
  const path = join(PROJECT, page);
  await writeFile(path, withSection(await readFile(path, 'utf8'), section, name));
}
