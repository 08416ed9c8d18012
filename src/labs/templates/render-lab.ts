import { ConfigDraft } from '../../config/config-draft.ts';
import type { Problem } from '../../config/problem.ts';
import { schemaProblems } from '../../config/schema-problems.ts';
import type { YamlDocument } from '../../config/yaml-document.ts';
import { hostProblems, mountProblems, nameProblems, togetherProblems } from '../lab-checks.ts';
import type { LabDefinition } from '../lab-definition.ts';
import { labSchema } from '../lab-schema.ts';
import type { LabSource } from '../lab-source.ts';
import { toDefinition } from '../to-definition.ts';
import type { CompiledLab } from './compiled-lab.ts';
import { renderTexts } from './render-texts.ts';
import type { TemplateContext } from './template-context.ts';
import { overlongValues } from './template-variables.ts';

/** `lab` where there are no problems. */
export interface LabRendering {
  readonly lab: LabDefinition | undefined;
  readonly problems: readonly Problem[];
  /** What templates became, by key, but for those with secrets. */
  readonly shown: ReadonlyMap<string, string>;
}

/**
 * The lab as `context` gets it. What the templates become is held against the same schema and checks as what stands in the file, and
 * is never read as YAML or as a template again: a value is the text at its place and nothing else. Variables of the environment that
 * mention the session are left out. Throws nothing that a value could bring about.
 */
export function renderLab(source: LabSource, compiled: CompiledLab, context: TemplateContext): LabRendering {
  const tooLong = overlongProblems(source, compiled, context);
  if (tooLong.length > 0) return { lab: undefined, problems: tooLong, shown: new Map() };
  const { tree, failures, shown } = renderTexts(source, compiled, context);
  const document: YamlDocument = { ...source.document, value: tree };
  const parsed = labSchema.safeParse(tree);
  const problems = [
    ...failures,
    ...(parsed.success ? [] : schemaProblems(document, labSchema)),
    ...checkedTogether(source, document, context),
  ];
  if (!parsed.success || problems.length > 0) return { lab: undefined, problems: oneEach(problems), shown };
  const { name, folder, lifecycle } = source;
  const base = { name, folder, lifecycle, host: context.user, given: context.given };
  return { lab: toDefinition(parsed.data, base), problems, shown };
}

function checkedTogether(
  source: LabSource,
  document: YamlDocument,
  { user, domain }: TemplateContext,
): readonly Problem[] {
  const draft = new ConfigDraft(document, source.folder);
  return [
    ...nameProblems(draft, source.name),
    ...togetherProblems(draft),
    ...hostProblems(draft, user, domain),
    ...mountProblems(draft, source),
  ];
}

function overlongProblems(
  { document }: LabSource,
  compiled: CompiledLab,
  context: TemplateContext,
): readonly Problem[] {
  return overlongValues(compiled, context).map((name) => {
    const message = `the hook's answer has more than 64 KiB of text for ${name}`;
    return document.problemAt(['hooks', 'initialization', 'values'], message);
  });
}

/** Where a text could not be rendered, that it isn't what the schema wants says nothing new. */
function oneEach(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(
    ({ key }, index) => key === '' || problems.findIndex((other) => other.key === key) === index,
  );
}
