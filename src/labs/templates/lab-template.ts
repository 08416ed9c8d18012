import { ProblemsError } from '../../config/problem.ts';
import type { Path } from '../../config/yaml-document.ts';
import type { LabDefinition } from '../lab-definition.ts';
import type { SessionFacts } from '../lab-resolver.ts';
import type { LabSource } from '../lab-source.ts';
import type { CompiledLab } from './compiled-lab.ts';
import { renderLab } from './render-lab.ts';
import { renderSessionEnv } from './render-session-env.ts';
import type { TemplateContext } from './template-context.ts';

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
