import type { Problem } from '../config/problem.ts';
import { ROLES } from '../names/role.ts';
import type { LabDefinition } from './lab-definition.ts';
import { fileProblems } from './lab-files.ts';
import type { LabSource } from './lab-source.ts';
import type { CompiledLab } from './templates/compiled-lab.ts';
import { type LabRendering, renderLab } from './templates/render-lab.ts';
import { sampleContext } from './templates/template-context.ts';

export interface LabCheck {
  /** As a student has it. */
  readonly lab: LabDefinition | undefined;
  /** Each once. */
  readonly problems: readonly Problem[];
}

/** Finds every mistake that can be found before somebody uses the lab: it is made for a sample user of every role. */
export async function checkLab(source: LabSource, compiled: CompiledLab): Promise<LabCheck> {
  const { document } = source;
  const roles = compiled.size === 0 ? ROLES.slice(0, 1) : ROLES;
  const renderings = roles.map((role) => renderLab(source, compiled, sampleContext(role)));
  const files = renderings.map(({ lab }) => (lab === undefined ? [] : fileProblems(source, compiled, lab)));
  const broken = new Set(compiled.problems.map(({ key }) => key));
  const rendered = renderings.flatMap(withSamples).filter(({ key }) => !broken.has(key));
  const all = [...document.problems, ...compiled.problems, ...rendered, ...(await Promise.all(files)).flat()];
  return { lab: renderings[0]?.lab, problems: distinct(all) };
}

/** The problems, and what a template became where it became something wrong. */
function withSamples({ problems, shown }: LabRendering): readonly Problem[] {
  return problems.map((problem) => {
    const text = shown.get(problem.key);
    if (text === undefined) return problem;
    return {
      ...problem,
      message: `${problem.message}; for a sample user it is ${JSON.stringify(text.slice(0, 80))}`,
    };
  });
}

function distinct(problems: readonly Problem[]): readonly Problem[] {
  const keyOf = ({ line, column, key, message }: Problem) => JSON.stringify([line, column, key, message]);
  return [...new Map(problems.map((problem) => [keyOf(problem), problem])).values()];
}
