import { z } from 'zod';
import { ConfigDraft } from '../../config/config-draft.ts';
import type { Problem } from '../../config/problem.ts';
import { formatPath, type Path } from '../../config/yaml-document.ts';
import type { LabSource } from '../lab-source.ts';
import type { CompiledText, Rendering } from './compile-text.ts';
import type { CompiledLab } from './compiled-lab.ts';
import { RenderTime } from './render-time.ts';
import type { TemplateContext } from './template-context.ts';
import { templateVariables } from './template-variables.ts';
import { mapTexts } from './texts.ts';

export interface RenderedTexts {
  /** The values of the file, rendered. What failed is as it was, and what mentions the session is left out. */
  readonly tree: unknown;
  readonly failures: readonly Problem[];
  /** What templates became, by key ("container.image"), but for those with secrets. */
  readonly shown: ReadonlyMap<string, string>;
}

export const HOST: Path = ['routes', 'host'];

export function renderTexts(
  source: LabSource,
  compiled: CompiledLab,
  context: TemplateContext,
): RenderedTexts {
  const { document } = source;
  const time = new RenderTime();
  const variables = allVariables(source, compiled, context, time);
  const failures: Problem[] = [];
  const shown = new Map<string, string>();
  const tree = mapTexts(document.value, (text, path) => {
    const template = compiled.at(path);
    if (template === undefined) return text;
    if (template.isAbout('session')) return undefined;
    const rendering = template.render(variables, time);
    if (rendering.kind === 'failed') {
      failures.push(document.problemAt(path, rendering.mistake));
      return text;
    }
    if (!template.isAbout('secrets')) shown.set(formatPath(path), rendering.text);
    return rendering.text;
  });
  return { tree, failures, shown };
}

/** Of every place but the host and the sessions' environment. */
export function allVariables(
  source: LabSource,
  compiled: CompiledLab,
  context: TemplateContext,
  time: RenderTime,
): object {
  const variables = templateVariables(source, compiled, context);
  const host = renderedHost(source, compiled, context, (text) => text.render(variables, time));
  return { ...variables, host: `${host}.${context.domain}` };
}

/** What `routes.host` becomes, which all other templates may name. Whether it is right is checked with all else. */
function renderedHost(
  { document, folder }: LabSource,
  compiled: CompiledLab,
  { user }: TemplateContext,
  render: (text: CompiledText) => Rendering,
): string {
  const [written] = new ConfigDraft(document, folder).item(z.string(), HOST);
  const template = compiled.at(HOST);
  const rendering = template && render(template);
  return rendering?.kind === 'text' ? rendering.text : (written?.value ?? user);
}
