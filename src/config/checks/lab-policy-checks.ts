import { z } from 'zod';
import type { LabName } from '../../names/lab-name.ts';
import { type ConfigDraft, type DraftItem, itemsAt } from '../config-draft.ts';
import { createLabPolicy, type LabPolicy, type LabSecret, NOTHING_ALLOWED } from '../lab-policy.ts';
import type { Problem } from '../problem.ts';
import { readingMistake, readRegularFile } from '../regular-file.ts';
import { allowedMount } from '../sections/mounts.ts';
import { secret } from '../sections/secrets.ts';
import type { Path } from '../yaml-document.ts';

/** A shorter one would be masked all over the log, and be found by trying. Characters. */
const SHORTEST_SECRET = 6;
/** Bytes. */
const BIGGEST_SECRET = 65_536;

type Environment = Readonly<Record<string, string | undefined>>;

export interface LabPolicyReading {
  readonly policy: LabPolicy;
  /** Every secret's value, so that logs can be kept free of them. */
  readonly secretValues: readonly string[];
  readonly problems: readonly Problem[];
}

/** Where labs are not looked at. */
export const UNREAD_LAB_POLICY: LabPolicyReading = {
  policy: NOTHING_ALLOWED,
  secretValues: [],
  problems: [],
};

/** What labs may use of secrets and of the host: the secrets are read here, and no message holds one. */
export async function readLabPolicy(draft: ConfigDraft, env: Environment): Promise<LabPolicyReading> {
  const readings = await Promise.all(secretsOf(draft).map((item) => readSecret(draft, env, item)));
  const secrets = readings.flatMap(({ found }) => found ?? []);
  const mounts = draft.items(allowedMount, ['mounts']).map(({ value }) => value);
  return {
    policy: createLabPolicy(secrets, mounts),
    secretValues: secrets.map(({ value }) => value),
    problems: readings.flatMap(({ problems }) => problems),
  };
}

/** Labs that secrets or mounts are for and that are not there. */
export function unknownPolicyLabs(draft: ConfigDraft, names: readonly LabName[]): readonly Problem[] {
  const lists = [...secretsOf(draft), ...draft.items(allowedMount, ['mounts'])];
  return lists
    .flatMap(({ path, value }) => itemsAt([...path, 'labs'], value.labs ?? []))
    .filter(({ value }) => !names.includes(value))
    .map(({ path, value }) => draft.document.problemAt(path, `no labs folder has a lab "${value}"`));
}

type SecretItem = DraftItem<z.output<typeof secret>>;

function secretsOf(draft: ConfigDraft): readonly SecretItem[] {
  const [all] = draft.item(z.record(z.string(), z.unknown()), ['secrets']);
  return Object.keys(all?.value ?? {}).flatMap((name) => draft.item(secret, ['secrets', name]));
}

interface SecretReading {
  readonly found: LabSecret | undefined;
  readonly problems: readonly Problem[];
}

async function readSecret(draft: ConfigDraft, env: Environment, item: SecretItem): Promise<SecretReading> {
  const { file, env: variable = '', labs } = item.value;
  const path: Path = [...item.path, file === undefined ? 'env' : 'file'];
  const read = file === undefined ? fromEnvironment(env, variable) : await fromFile(draft.absolute(file));
  const mistake = 'mistake' in read ? read.mistake : mistakeOf(read.value);
  if (mistake !== undefined) return { found: undefined, problems: [draft.document.problemAt(path, mistake)] };
  const value = 'value' in read ? read.value : '';
  return { found: { name: String(item.path.at(-1)), value, labs }, problems: [] };
}

type Read = { readonly value: string } | { readonly mistake: string };

function fromEnvironment(env: Environment, variable: string): Read {
  const value = env[variable];
  return value === undefined ? { mistake: "is not set in the factory's environment" } : { value };
}

async function fromFile(file: string): Promise<Read> {
  try {
    const text = (await readRegularFile(file, BIGGEST_SECRET)).toString();
    return { value: text.replace(/\r?\n$/, '') };
  } catch (error) {
    return { mistake: readingMistake(error) };
  }
}

function mistakeOf(value: string): string | undefined {
  if (value.length < SHORTEST_SECRET) return `must have at least ${SHORTEST_SECRET} characters`;
  return value.includes('\0') ? 'must not hold a NUL character' : undefined;
}
