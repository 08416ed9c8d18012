import { dirname, resolve } from 'node:path';
import { FactoryError } from '../errors/factory-error.ts';
import type { LabName } from '../names/lab-name.ts';
import { certificateProblems } from './checks/certificate-checks.ts';
import { folderProblems } from './checks/folder-checks.ts';
import { groupProblems } from './checks/group-checks.ts';
import { checkLabs, checkLoadedLabs } from './checks/lab-checks.ts';
import { readLabPolicy, UNREAD_LAB_POLICY } from './checks/lab-policy-checks.ts';
import { listenProblems } from './checks/listen-checks.ts';
import { reservedNameProblems } from './checks/reserved-name-checks.ts';
import { ConfigDraft } from './config-draft.ts';
import type { FactoryConfig } from './factory-config.ts';
import type { FactoryDefaults } from './factory-defaults.ts';
import type { LabFinder } from './lab-finder.ts';
import type { LabPolicy } from './lab-policy.ts';
import { type Problem, ProblemsError } from './problem.ts';
import { readRegularFile, UnfitFile } from './regular-file.ts';
import { readRosters } from './rosters/read-rosters.ts';
import { configSchema } from './schema.ts';
import { schemaProblems } from './schema-problems.ts';
import { toFactoryConfig } from './to-factory-config.ts';
import { type Path, parseYamlDocument } from './yaml-document.ts';

/** Bytes; it is read again while the factory runs, whatever stands there then. */
const LARGEST_CONFIG = 4 * 2 ** 20;

export interface LoadConfigOptions {
  readonly file: string;
  /** What `file` is relative to, and what the files in messages are. */
  readonly workingFolder: string;
  readonly defaults: FactoryDefaults;
  readonly findLabs: LabFinder;
  /** For secrets that stand there. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a running factory has: the groups are held against these, and neither labs folders nor secrets are looked at again. */
  readonly loadedLabs?: readonly LabName[];
}

export interface LoadedConfig {
  readonly config: FactoryConfig;
  /** What is no mistake and worth a look. */
  readonly remarks: readonly Problem[];
  /** What labs may use. */
  readonly policy: LabPolicy;
  /** So that they can be kept out of logs. */
  readonly secretValues: readonly string[];
  /** A problem of the value at `path`, with its place in the file; undefined where the value is a default. */
  problemAt(path: Path, message: string): Problem | undefined;
}

/**
 * Reads a configuration file (the schema is in schema.ts; relative paths are relative to the file).
 * Rejects with `CONFIG_UNREADABLE`, or with `CONFIG_INVALID`, whose message lists every mistake, one a line, as
 * `file:line:column: key: what is wrong`.
 */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  const { defaults, workingFolder, findLabs, env, loadedLabs } = options;
  const file = resolve(workingFolder, options.file);
  const folder = dirname(file);
  const document = parseYamlDocument(file, await readText(file, options.file));
  if (!document.readable) throw new ProblemsError('CONFIG_INVALID', document.problems, workingFolder);

  const draft = new ConfigDraft(document, folder);
  const {
    policy,
    secretValues,
    problems: policyProblems,
  } = loadedLabs === undefined ? await readLabPolicy(draft, env) : UNREAD_LAB_POLICY;
  const labs =
    loadedLabs === undefined
      ? await checkLabs(draft, defaults.labs, findLabs, policy)
      : checkLoadedLabs(draft, loadedLabs);
  const rosters = await readRosters(draft);
  const problems = [
    ...document.problems,
    ...schemaProblems(document, configSchema),
    ...listenProblems(draft),
    ...groupProblems(draft),
    ...(await folderProblems(draft)),
    ...(await certificateProblems(draft)),
    ...policyProblems,
    ...labs.problems,
    ...rosters.problems,
    ...(await reservedNameProblems(draft, rosters.of, defaults.owner)),
  ];
  const parsed = configSchema.safeParse(document.value);
  if (!parsed.success || problems.length > 0)
    throw new ProblemsError('CONFIG_INVALID', problems, workingFolder);
  return {
    config: toFactoryConfig(parsed.data, folder, defaults, labs.names, rosters.of),
    remarks: [...rosters.of.values()].flatMap(({ repeated }) => repeated),
    policy,
    secretValues,
    problemAt: (path, message) => (draft.has(path) ? document.problemAt(path, message) : undefined),
  };
}

async function readText(file: string, asTyped: string): Promise<string> {
  try {
    return (await readRegularFile(file, LARGEST_CONFIG)).toString();
  } catch (cause) {
    const mistake =
      cause instanceof UnfitFile
        ? cause.message
        : `can't be read: ${cause instanceof Error && 'code' in cause ? cause.code : 'unknown'}`;
    throw new FactoryError('CONFIG_UNREADABLE', `The configuration ${asTyped} ${mistake}`, { cause });
  }
}
