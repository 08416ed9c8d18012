import { closestMatch } from 'leven';
import { z } from 'zod';
import { issueWording } from './issue-wording.ts';
import type { Problem } from './problem.ts';
import type { Path, YamlDocument } from './yaml-document.ts';

type Issue = z.core.$ZodIssue;

/** Every way in which the document differs from the schema, each with its place. */
export function schemaProblems(document: YamlDocument, schema: z.ZodType): readonly Problem[] {
  const result = schema.safeParse(document.value, { error: issueWording });
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => problemsOf(issue, document, schema));
}

function problemsOf(issue: Issue, document: YamlDocument, schema: z.ZodType): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path);
    return issue.keys.map((key) => document.problemAtKey([...issue.path, key], unknownKey(key, known)));
  }
  if (issue.code === 'invalid_key') return [document.problemAtKey(issue.path, keyMessage(issue))];
  return [document.problemAt(issue.path, issue.message)];
}

function keyMessage(issue: z.core.$ZodIssueInvalidKey): string {
  return issue.issues[0]?.message ?? issue.message;
}

function unknownKey(key: string, known: readonly string[]): string {
  const close = closestMatch(key, known, { maxDistance: Math.max(2, Math.floor(key.length / 3)) });
  if (close !== undefined) return `there is no such key; did you mean "${close}"?`;
  return `there is no such key; there are: ${known.join(', ')}`;
}

/** The keys that may stand in the set at `path`, read from the schema's own JSON Schema. */
function knownKeys(schema: z.ZodType, path: Path): readonly string[] {
  let at: unknown = z.toJSONSchema(schema, { io: 'input' });
  for (const part of path) {
    at = typeof part === 'number' ? property(at, 'items') : property(property(at, 'properties'), part);
  }
  const properties = property(at, 'properties');
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

function property(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
