import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { LabDefinition } from './lab-definition.ts';
import type { TemplateContext } from './templates/template-context.ts';

/** Of all that is kept; characters, counted with what labs share. */
const LARGEST = 32 * 2 ** 20;
const MOST = 10_000;
/** A machine that was busy may be the reason that a lab could not be rendered; ms. */
const FAILURE_KEPT_FOR = 10_000;

type Result =
  | { readonly kind: 'lab'; readonly lab: LabDefinition }
  | { readonly kind: 'failed'; readonly thrown: unknown };

interface Rendered {
  readonly context: TemplateContext;
  readonly result: Result;
}

/**
 * The labs as they were rendered last, for as long as all that they are made of is the same. A workspace asks for its lab at every step
 * and deadline, and templates, which may be a stranger's, take their time while nothing else is done.
 */
export class RenderedLabs {
  readonly #kept = new LRUCache<string, Rendered>({
    max: MOST,
    maxSize: LARGEST,
    sizeCalculation: ({ context, result }) =>
      JSON.stringify(context).length + (result.kind === 'lab' ? JSON.stringify(result.lab).length : 1_000),
  });

  /** Throws what `render` throws. */
  get(key: WorkspaceKey, context: TemplateContext, render: () => LabDefinition): LabDefinition {
    const { given } = context;
    // Who asks for a host asks without what was given.
    const name = `${formatWorkspaceKey(key)} ${Object.keys(given.values).length > 0}`;
    const kept = this.#kept.get(name);
    const isSame = kept !== undefined && isDeepStrictEqual(inputsOf(kept.context), inputsOf(context));
    const result = isSame ? kept.result : this.#render(name, context, render);
    if (result.kind === 'failed') throw result.thrown;
    return result.lab.given === given ? result.lab : { ...result.lab, given };
  }

  #render(name: string, context: TemplateContext, render: () => LabDefinition): Result {
    const result = attempt(render);
    this.#kept.set(name, { context, result }, result.kind === 'failed' ? { ttl: FAILURE_KEPT_FOR } : {});
    return result;
  }
}

/** What is given may bring more than what templates can name. */
function inputsOf({ given: { values }, ...others }: TemplateContext) {
  return { ...others, values };
}

function attempt(render: () => LabDefinition): Result {
  try {
    return { kind: 'lab', lab: render() };
  } catch (thrown) {
    return { kind: 'failed', thrown };
  }
}
