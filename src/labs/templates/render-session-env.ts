import { z } from 'zod';
import { ConfigDraft } from '../../config/config-draft.ts';
import { variableValue } from '../../config/environment-values.ts';
import type { Problem } from '../../config/problem.ts';
import type { Path } from '../../config/yaml-document.ts';
import type { SessionFacts } from '../lab-resolver.ts';
import type { LabSource } from '../lab-source.ts';
import type { CompiledLab } from './compiled-lab.ts';
import { allVariables } from './render-texts.ts';
import { RenderTime } from './render-time.ts';
import type { TemplateContext } from './template-context.ts';

export interface SessionEnv {
  readonly env: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

const ENV: Path = ['container', 'env'];

/** The variables of the container's environment that mention the session, for one. */
export function renderSessionEnv(
  source: LabSource,
  compiled: CompiledLab,
  context: TemplateContext,
  { id, clientAddress }: SessionFacts,
): SessionEnv {
  const { document, folder } = source;
  const [env] = new ConfigDraft(document, folder).item(z.record(z.string(), z.unknown()), ENV);
  const time = new RenderTime();
  const variables = {
    ...allVariables(source, compiled, context, time),
    session: { id, client_address: clientAddress },
  };
  const problems: Problem[] = [];
  const entries = Object.keys(env?.value ?? {}).flatMap((name) => {
    const template = compiled.at([...ENV, name]);
    if (template?.isAbout('session') !== true) return [];
    const rendering = template.render(variables, time);
    const mistake = rendering.kind === 'failed' ? rendering.mistake : mistakeOf(rendering.text);
    if (mistake !== undefined) problems.push(document.problemAt([...ENV, name], mistake));
    return rendering.kind === 'text' ? [[name, rendering.text] as const] : [];
  });
  return { env: Object.fromEntries(entries), problems };
}

function mistakeOf(text: string): string | undefined {
  return variableValue.safeParse(text).error?.issues[0]?.message;
}
