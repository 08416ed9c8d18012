import { ConfigDraft } from '../../config/config-draft.ts';
import type { Problem } from '../../config/problem.ts';
import type { Path } from '../../config/yaml-document.ts';
import type { LabSource } from '../lab-source.ts';
import { valueName } from '../schema/hooks-schema.ts';
import { type CompiledText, compileText } from './compile-text.ts';
import { createLiquid } from './liquid.ts';
import { mapTexts } from './texts.ts';

/** Of one lab: they are read one after the other, and nothing else is done meanwhile. */
const MOST_TEMPLATES = 1_000;
/** Of all of them; characters. */
const LONGEST_TEMPLATES = 131_072;

/** The templates of a lab's file, read. */
export interface CompiledLab {
  readonly problems: readonly Problem[];
  /** The names that the answer of the lab's initialization hook may bring. */
  readonly values: readonly string[];
  /** How many texts have a template. */
  readonly size: number;
  at(path: Path): CompiledText | undefined;
  /** The secrets that any of them names. */
  readonly secrets: readonly string[];
}

const TOO_MUCH = `has more than ${MOST_TEMPLATES} texts with a template, or more than ${LONGEST_TEMPLATES / 1024} KiB of them; put what is the same for all into files`;

/** Throws a `RangeError` as `mapTexts` does. */
export function compileLab(source: LabSource): CompiledLab {
  const { document, folder, name, policy } = source;
  const draft = new ConfigDraft(document, folder);
  const values = draft.items(valueName, ['hooks', 'initialization', 'values']).map(({ value }) => value);
  const secrets = policy.secretsOf(name);
  const declared = { values, secrets: secrets === undefined ? undefined : Object.keys(secrets) };
  const liquid = createLiquid();
  const texts = new Map<string, CompiledText>();
  const problems: Problem[] = [];
  let length = 0;
  const compile = (text: string, path: Path) => {
    if (length > LONGEST_TEMPLATES || texts.size > MOST_TEMPLATES) return text;
    const compilation = compileText(liquid, text, path, declared);
    if (compilation.kind !== 'plain') length += text.length;
    if (compilation.kind === 'template') texts.set(keyOf(path), compilation.template);
    if (compilation.kind === 'mistaken') {
      problems.push(...compilation.mistakes.map((mistake) => document.problemAt(path, mistake)));
    }
    return text;
  };
  mapTexts(document.value, compile);
  if (length > LONGEST_TEMPLATES || texts.size > MOST_TEMPLATES) {
    problems.push(document.problemAt([], TOO_MUCH));
  }
  return {
    problems,
    values,
    size: texts.size,
    at: (path) => texts.get(keyOf(path)),
    secrets: secretsIn(texts.values()),
  };
}

function secretsIn(texts: Iterable<CompiledText>): readonly string[] {
  const names = [...texts].flatMap(({ uses }) => [...uses]);
  return [...new Set(names)].flatMap((name) =>
    name.startsWith('secrets.') ? name.slice('secrets.'.length) : [],
  );
}

/** A path as a key: no two are the same. */
function keyOf(path: Path): string {
  return JSON.stringify(path);
}
