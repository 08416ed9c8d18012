import type { ConfigDraft } from '../config/config-draft.ts';
import type { Problem } from '../config/problem.ts';
import type { Username } from '../names/username.ts';
import { labSchema } from './lab-schema.ts';

/** What a lab's parts must be together, beyond what each must be in itself. */
export function togetherProblems(draft: ConfigDraft): readonly Problem[] {
  return [...imageProblems(draft), ...rootProblems(draft), ...egressProblems(draft)];
}

function imageProblems(draft: ConfigDraft): readonly Problem[] {
  const isSet = draft.has(['container', 'image']) || draft.has(['container', 'build']);
  if (isSet || !draft.has(['container'])) return [];
  return [
    draft.document.problemAt(['container', 'image'], 'is missing; it must be text, or there must be a build'),
  ];
}

function rootProblems(draft: ConfigDraft): readonly Problem[] {
  const { user, root } = labSchema.shape.container.shape;
  const isNone = draft.item(root, ['container', 'root']).some(({ value }) => value === 'none');
  if (!isNone) return [];
  return draft
    .item(user, ['container', 'user'])
    .filter(({ value }) => value === 'root')
    .map(({ path }) =>
      draft.document.problemAt(path, 'must be another user than root where container.root is none'),
    );
}

function egressProblems(draft: ConfigDraft): readonly Problem[] {
  if (!draft.has(['cluster'])) return [];
  return draft
    .item(labSchema.shape.container.shape.egress, ['container', 'egress'])
    .filter(({ value }) => value === 'none')
    .map(({ path }) => {
      const message =
        "can't be none together with a cluster: its nodes reach out through their own network, and the container through them; drop one of the two";
      return draft.document.problemAt(path, message);
    });
}

/** No host may ever be another user's: it is the user's name, or ends in it. */
export function hostProblems(draft: ConfigDraft, user: Username): readonly Problem[] {
  return draft
    .item(labSchema.shape.routes.unwrap().shape.host, ['routes', 'host'])
    .filter(({ value }) => value !== undefined && value !== user && !value.endsWith(`.${user}`))
    .map(({ path }) => {
      const message = "must be {{ username }} or end in .{{ username }}, so that it is nobody else's";
      return draft.document.problemAt(path, message);
    });
}
