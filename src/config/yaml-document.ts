import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { Problem } from './problem.ts';

export type Path = readonly PropertyKey[];

/** A YAML text that was written by hand: its values, and where in the text each of them stands. */
export interface YamlDocument {
  /** The document as plain values; an empty document is an empty set of keys. */
  readonly value: unknown;
  /** Syntax errors and keys that stand twice. */
  readonly problems: readonly Problem[];
  /** False where the syntax is so broken that `value` says nothing. */
  readonly readable: boolean;
  /** A problem of the value at `path`, or of the closest thing around it that is there. */
  problemAt(path: Path, message: string): Problem;
  /** A problem of the key that ends `path`, rather than of its value. */
  problemAtKey(path: Path, message: string): Problem;
}

/** Reads YAML 1.2 (core schema). Never throws: whatever is wrong is in `problems`. */
export function parseYamlDocument(file: string, text: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    logLevel: 'error',
  });
  const root: Node | null = document.contents;

  const problem = (offset: number, path: Path, message: string): Problem => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), key: formatPath(path), message };
  };
  const resolve = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);

  const nodeAt = (path: Path): unknown => {
    let found: unknown = resolve(root);
    for (const part of path) found = resolve(child(found, part));
    return found;
  };
  const offsetOf = (path: Path): number => {
    const offset = startOf(nodeAt(path));
    if (offset !== undefined) return offset;
    return path.length === 0 ? 0 : offsetOf(path.slice(0, -1));
  };
  const keyOffsetOf = (path: Path): number => {
    const last = path.at(-1);
    const pair = last === undefined ? undefined : pairOf(nodeAt(path.slice(0, -1)), last);
    return startOf(pair?.key) ?? offsetOf(path);
  };

  const problems = document.errors.map((error) => problem(error.pos[0], [], syntaxMessage(error)));
  let readable = document.errors.every((error) => error.code === 'DUPLICATE_KEY');
  let value: unknown = {};
  if (readable) {
    try {
      value = document.toJS({ maxAliasCount: 100 }) ?? {};
    } catch {
      problems.push(problem(unknownAlias(document) ?? 0, [], ALIAS_MISTAKE));
      readable = false;
    }
  }
  return {
    value,
    problems,
    readable,
    problemAt: (path, message) => problem(offsetOf(path), path, message),
    problemAtKey: (path, message) => problem(keyOffsetOf(path), path, message),
  };
}

/** `['groups', 0, 'members']` as people write it: `groups[0].members`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

const ALIAS_MISTAKE =
  'has an alias (*name) that is unknown, or aliases that unfold to too much; write the values out, or put * in quotes';

/** Where the first alias without an anchor stands. */
function unknownAlias(document: Document): number | undefined {
  let found: number | undefined;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      found = startOf(alias);
      return visit.BREAK;
    },
  });
  return found;
}

function child(node: unknown, part: PropertyKey): unknown {
  if (isSeq(node)) return typeof part === 'number' ? node.items[part] : undefined;
  return pairOf(node, part)?.value;
}

function pairOf(node: unknown, key: PropertyKey): Pair | undefined {
  if (!isMap(node)) return undefined;
  return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) {
    return undefined;
  }
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : undefined;
}

function syntaxMessage(error: YAMLError): string {
  if (error.code === 'DUPLICATE_KEY') return 'this key stands twice; keep one of them';
  const sentence = error.message.split('\n', 1)[0] ?? error.code;
  return `is not YAML here: ${sentence}`;
}
