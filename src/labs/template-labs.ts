import type { Standing } from '../groups/standing.ts';
import type { Username } from '../names/username.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { LabCatalogue } from './lab-catalogue.ts';
import type { Given, LabDefinition, RoutesDefinition } from './lab-definition.ts';
import type { LabResolver } from './lab-resolver.ts';
import { RenderedLabs } from './rendered-labs.ts';
import { SAMPLE_USER, type TemplateContext } from './templates/template-context.ts';

export interface TemplateLabsOptions {
  readonly catalogue: Pick<LabCatalogue, 'get' | 'template'>;
  /** The factory's. */
  readonly domain: string;
  readonly standingOf: (user: Username) => Standing;
}

/** Labs with their templates rendered, anew where something that they are made of has changed: so a change of a group is there at the next call. */
export function createTemplateLabs({ catalogue, domain, standingOf }: TemplateLabsOptions): LabResolver {
  const contextOf = ({ user }: WorkspaceKey, given: Given): TemplateContext => ({
    ...standingOf(user),
    user,
    domain,
    given,
  });
  const rendered = new RenderedLabs();
  return {
    resolve: (key, given) => {
      const template = catalogue.template(key.lab);
      if (template !== undefined) {
        const context = contextOf(key, given);
        return rendered.get(key, context, () => template.render(context));
      }
      const lab = catalogue.get(key.lab);
      return lab && { ...lab, routes: hostFor(key, lab), given };
    },
    sessionEnv: (key, given, session) =>
      catalogue.template(key.lab)?.sessionEnv(contextOf(key, given), session) ?? {},
  };
}

/** A lab without templates says nothing of its host, so it is a sample user's. */
function hostFor({ user }: WorkspaceKey, { routes }: LabDefinition): RoutesDefinition {
  return routes.host === SAMPLE_USER ? { host: user } : routes;
}
