import { closestMatch } from 'leven';
import { type Liquid, LiquidError, type Template } from 'liquidjs';
import type { Path } from '../../config/yaml-document.ts';
import type { RenderTime } from './render-time.ts';
import { type Declared, type Scope, scopeAt } from './variables.ts';

/** Longest result of one text; bytes of UTF-8. */
const LONGEST_RESULT = 65_536;
const MARKS = /\{\{|\{%/;
const FIELDS_OF_GROUPS = ['size', 'first', 'last'];

/** A text with a template in it. */
export interface CompiledText {
  /** As written: "secrets.token", "role". */
  readonly uses: ReadonlySet<string>;
  /** Whether it names `root`, or anything below it. */
  isAbout(root: string): boolean;
  render(context: object, time: RenderTime): Rendering;
}

export type Rendering =
  | { readonly kind: 'text'; readonly text: string }
  /** `mistake`: for people; `detail` may hold values. */
  | { readonly kind: 'failed'; readonly mistake: string; readonly detail: string };

export type Compilation =
  | { readonly kind: 'plain' }
  | { readonly kind: 'template'; readonly template: CompiledText }
  | { readonly kind: 'mistaken'; readonly mistakes: readonly string[] };

/** Reads `text`, which stands at `path` of a lab.yaml. */
export function compileText(liquid: Liquid, text: string, path: Path, declared: Declared): Compilation {
  if (!MARKS.test(text)) return { kind: 'plain' };
  const scope = scopeAt(path, declared);
  try {
    const templates = liquid.parse(text);
    const uses = usesOf(liquid, templates);
    const mistakes = uses.flatMap((use) => mistakeOf(use, scope, declared) ?? []);
    if (mistakes.length > 0) return { kind: 'mistaken', mistakes };
    return {
      kind: 'template',
      template: {
        uses: new Set(uses.map(({ name }) => name)),
        isAbout: (root) => uses.some(({ name }) => name === root || name.startsWith(`${root}.`)),
        render: (context, time) => render(liquid, templates, context, time),
      },
    };
  } catch (error) {
    return { kind: 'mistaken', mistakes: [parseMistake(liquid, error)] };
  }
}

interface Use {
  readonly name: string;
  /** False where a part of it is itself a variable. */
  readonly isWrittenOut: boolean;
}

function usesOf(liquid: Liquid, templates: Template[]): readonly Use[] {
  const { globals } = liquid.analyzeSync(templates, { partials: false });
  const uses = Object.values(globals)
    .flat()
    .map(({ segments }): Use => {
      const parts = segments.map((part) => (typeof part === 'object' ? '…' : String(part)));
      return { name: parts.join('.'), isWrittenOut: segments.every((part) => typeof part !== 'object') };
    });
  return [...new Map(uses.map((use) => [use.name, use])).values()];
}

function mistakeOf({ name, isWrittenOut }: Use, scope: Scope, declared: Declared): string | undefined {
  const reason = scope.reasonAgainst(name);
  if (reason !== undefined) return `${name} ${reason}`;
  if (!isWrittenOut) return `${name}: a name must be written out, not made of another one`;
  if (scope.names.includes(name) || isOfGroups(name) || isAssumed(name, declared)) return undefined;
  const [root = ''] = name.split('.');
  if (root === 'values')
    return `${name} is not among hooks.initialization.values${suggestion(name, scope.names)}`;
  if (root === 'secrets') return `${name} is no secret that this lab may use${suggestion(name, scope.names)}`;
  return `there is no variable ${name}${suggestion(name, scope.names)}`;
}

function isOfGroups(name: string): boolean {
  const [root, field = '', ...rest] = name.split('.');
  return (
    root === 'groups' && rest.length === 0 && (FIELDS_OF_GROUPS.includes(field) || /^-?\d+$/.test(field))
  );
}

/** Where nobody knows which secrets there will be. */
function isAssumed(name: string, declared: Declared): boolean {
  return declared.secrets === undefined && /^secrets\.[a-z][a-z0-9_]*$/.test(name);
}

function suggestion(name: string, known: readonly string[]): string {
  const close = closestMatch(name, known, { maxDistance: Math.max(2, Math.floor(name.length / 3)) });
  return close === undefined ? `; there are: ${known.join(', ')}` : `; did you mean ${close}?`;
}

function parseMistake(liquid: Liquid, error: unknown): string {
  const words = wordsOf(error);
  const [, filter] = /^undefined filter: (\S+)$/.exec(words) ?? [];
  if (filter !== undefined)
    return `there is no filter ${filter}${suggestion(filter, Object.keys(liquid.filters))}`;
  const [, tag] = /^tag "(.*)" not found$/s.exec(words) ?? [];
  if (tag !== undefined) return `there is no tag ${tag}${suggestion(tag, Object.keys(liquid.tags))}`;
  return `is no template: ${words}; {{ that is none stands between {% raw %} and {% endraw %}`;
}

function render(liquid: Liquid, templates: Template[], context: object, time: RenderTime): Rendering {
  try {
    const text: unknown = liquid.renderSync(templates, context, { renderLimit: time.left });
    if (typeof text === 'string' && Buffer.byteLength(text) <= LONGEST_RESULT) return { kind: 'text', text };
    return failed(`becomes longer than ${LONGEST_RESULT / 1024} KiB`);
  } catch (error) {
    const words = wordsOf(error);
    if (/limit exceeded/.test(words)) return failed('takes too many steps to render; make it simpler');
    return failed("can't be rendered", words);
  }
}

function failed(mistake: string, detail = ''): Rendering {
  return { kind: 'failed', mistake, detail };
}

/** What liquidjs says, without the place within the text. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const inner = LiquidError.is(error) ? error.originalError : undefined;
  const { message } = inner ?? error;
  return message.replace(/, line:\d+, col:\d+$/, '');
}
