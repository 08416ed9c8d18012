import { type ConfigDraft, itemsAt } from '../config-draft.ts';
import type { Problem } from '../problem.ts';
import { identitySource } from '../schema.ts';
import { group } from '../sections/group.ts';

export function groupProblems(draft: ConfigDraft): readonly Problem[] {
  return [...repetitions(draft), ...openDoors(draft)];
}

function repetitions(draft: ConfigDraft): readonly Problem[] {
  const groups = draft.items(group, ['groups']);
  const names = groups.map(({ path, value }) => ({ path: [...path, 'name'], value: value.name }));
  const lists = groups.flatMap(({ path, value }) => [
    itemsAt([...path, 'members'], value.members ?? []),
    itemsAt([...path, 'labs'], value.labs ?? []),
  ]);
  return [
    ...draft.repeated(names, 'another group above has this name; take another'),
    ...lists.flatMap((list) => draft.repeated(list, 'stands twice in this list; keep one')),
  ];
}

/** Letting in everybody whom a public source knows is letting in the world: that must be said, not slip in. */
function openDoors(draft: ConfigDraft): readonly Problem[] {
  const isPublic = draft.items(identitySource, ['identity']).some(({ value }) => value.github !== undefined);
  if (!isPublic) return [];
  if (!draft.has(['groups'])) {
    const message = 'has a public source (github), so groups must say who may come in; add groups';
    return [draft.document.problemAtKey(['identity'], message)];
  }
  return draft.items(group, ['groups']).flatMap(({ path, value }) => {
    const everybody = (value.members ?? []).indexOf('*');
    if (everybody === -1 || value.open_to_anyone) return [];
    const message =
      '"*" lets in everybody with an account at a public source (github); name the members, or set open_to_anyone: true in this group';
    return [draft.document.problemAt([...path, 'members', everybody], message)];
  });
}
