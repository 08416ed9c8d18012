import { type Problem, ProblemsError } from '../../config/problem.ts';
import type { Path } from '../../config/yaml-document.ts';
import { isHostOf } from '../lab-checks.ts';
import type { LabDefinition } from '../lab-definition.ts';
import type { SessionFacts } from '../lab-resolver.ts';
import type { LabSource } from '../lab-source.ts';
import type { CompiledLab } from './compiled-lab.ts';
import { renderLab } from './render-lab.ts';
import { renderSessionEnv } from './render-session-env.ts';
import { HOST } from './render-texts.ts';
import type { RenderTime } from './render-time.ts';
import type { TemplateContext } from './template-context.ts';
import { templateVariables } from './template-variables.ts';

/** A lab that is not the same for everybody. */
export class LabTemplate {
  readonly #source: LabSource;
  readonly #compiled: CompiledLab;
  readonly #workingFolder: string;

  /** `workingFolder`: what the files in messages are relative to. */
  constructor(source: LabSource, compiled: CompiledLab, workingFolder: string) {
    this.#source = source;
    this.#compiled = compiled;
    this.#workingFolder = workingFolder;
  }

  /** Whether what stands at `path` of the file is made for each user. */
  varies(path: Path): boolean {
    return this.#compiled.at(path) !== undefined;
  }

  /** The secrets that it names. */
  get secrets(): readonly string[] {
    return this.#compiled.secrets;
  }

  /**
   * The host that the lab's file says, for `context`; undefined: it says none, or one that it may not have. Much cheaper than all of the
   * lab.
   */
  host(context: TemplateContext, time: RenderTime): string | undefined {
    const variables = templateVariables(this.#source, this.#compiled, context);
    const rendering = this.#compiled.at(HOST)?.render(variables, time);
    if (rendering?.kind !== 'text' || !isHostOf(rendering.text, context.user)) return undefined;
    return rendering.text;
  }

  /** A problem of the host, where the lab's file says something of it. */
  problemAtHost(message: string): Problem | undefined {
    return this.varies(HOST) ? this.#source.document.problemAt(HOST, message) : undefined;
  }

  /** Throws `LAB_INVALID` where a template becomes what may not stand at its place. */
  render(context: TemplateContext): LabDefinition {
    const { lab, problems } = renderLab(this.#source, this.#compiled, context);
    if (lab === undefined) throw new ProblemsError('LAB_INVALID', problems, this.#workingFolder);
    return lab;
  }

  /** The variables of the container's environment that mention the session. Throws as `render`. */
  sessionEnv(context: TemplateContext, session: SessionFacts): Readonly<Record<string, string>> {
    const { env, problems } = renderSessionEnv(this.#source, this.#compiled, context, session);
    if (problems.length > 0) throw new ProblemsError('LAB_INVALID', problems, this.#workingFolder);
    return env;
  }
}
