import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../test/e2e/harness/set-up.ts';
import { reportJson } from './report/json.ts';
import {
  comingAndGoingSection,
  measuredSection,
  throughTheApiSection,
  timelineSection,
} from './report/markdown.ts';
import { memorySection } from './report/memory-section.ts';
import { withSection } from './report/page-section.ts';
import type { Report, Table } from './report/report.ts';
import { routeChangesSection, throughTheRoutesSection } from './report/routes-section.ts';
import { sshSection } from './report/ssh-section.ts';

const PERFORMANCE = 'docs/performance.md';

export interface PublishOptions {
  /** A file for all samples. */
  readonly json: string | undefined;
  /** The tables of the documentation that are replaced. */
  readonly replaced: ReadonlySet<Table>;
}

/** Prints the tables, and writes them where the options say. */
export async function publish(report: Report, { json, replaced }: PublishOptions): Promise<void> {
  const sections = sectionsOf(report);
  for (const { text } of sections) process.stdout.write(`${text}\n\n`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(reportJson(report), null, 2)}\n`);
  for (const section of sections) if (replaced.has(section.table)) await writeSection(section);
}

interface Section {
  readonly table: Table;
  readonly page: string;
  /** Of its markers in the page. */
  readonly name?: string;
  readonly text: string;
}

/** Of what was measured. */
function sectionsOf(report: Report): readonly Section[] {
  const { comparisons, loads, comingAndGoing, throughTheApi, throughTheRoutes, routeChanges } = report;
  const { ssh, paths, memory } = report;
  return [
    ...(comparisons.length + loads.length > 0
      ? [{ table: 'measured' as const, page: 'README.md', text: measuredSection(report) }]
      : []),
    ...(paths.length > 0
      ? [{ table: 'timeline' as const, page: PERFORMANCE, text: timelineSection(report) }]
      : []),
    ...(comingAndGoing.length > 0 ? [named('coming-and-going', comingAndGoingSection(report))] : []),
    ...(throughTheApi.length > 0 ? [named('through-the-api', throughTheApiSection(report))] : []),
    ...(throughTheRoutes.length > 0 ? [named('through-the-routes', throughTheRoutesSection(report))] : []),
    ...(routeChanges.length > 0 ? [named('route-changes', routeChangesSection(report))] : []),
    ...(ssh.length > 0 ? [named('beside-sshd', sshSection(report))] : []),
    ...(memory === undefined ? [] : [named('memory', memorySection(report, memory))]),
  ];
}

/** On the page on performance. */
function named(table: Table, text: string): Section {
  return { table, page: PERFORMANCE, name: `bench-${table}`, text };
}

async function writeSection({ page, text, name }: Section): Promise<void> {
  const path = join(PROJECT, page);
  await writeFile(path, withSection(await readFile(path, 'utf8'), text, name));
}
