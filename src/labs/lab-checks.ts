import type { ConfigDraft } from '../config/config-draft.ts';
import type { Problem } from '../config/problem.ts';
import { isAtOrBelow } from '../names/at-or-below.ts';
import type { LabName } from '../names/lab-name.ts';
import type { Username } from '../names/username.ts';
import { labSchema } from './lab-schema.ts';
import type { LabSource } from './lab-source.ts';
import { mount } from './schema/container-schema.ts';

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

/** Longest DNS name as text (RFC 1035 §2.3.4). */
const LONGEST_HOST = 253;

/** No host may ever be another user's: it is the user's name, or ends in it. User names have no dots. */
export function isHostOf(host: string, user: Username): boolean {
  return isAtOrBelow(host, user);
}

export function hostProblems(draft: ConfigDraft, user: Username, domain: string): readonly Problem[] {
  return draft
    .item(labSchema.shape.routes.unwrap().shape.host, ['routes', 'host'])
    .flatMap(({ path, value }) => {
      if (value === undefined) return [];
      if (!isHostOf(value, user)) {
        const message = "must be {{ username }} or end in .{{ username }}, so that it is nobody else's";
        return [draft.document.problemAt(path, message)];
      }
      if (`${value}.${domain}`.length <= LONGEST_HOST) return [];
      return [
        draft.document.problemAt(
          path,
          `is too long: with .${domain} it has more than ${LONGEST_HOST} characters`,
        ),
      ];
    });
}

/** Only what the configuration allows of the host gets into a container. */
export function mountProblems(
  draft: ConfigDraft,
  { name, policy }: Pick<LabSource, 'name' | 'policy'>,
): readonly Problem[] {
  return draft.items(mount, ['container', 'mounts']).flatMap(({ path, value }) => {
    const mistake = policy.mountMistake(name, { source: value.source, readOnly: value.read_only });
    return mistake === undefined ? [] : [draft.document.problemAt([...path, 'source'], mistake)];
  });
}

export function nameProblems(draft: ConfigDraft, name: LabName): readonly Problem[] {
  return draft
    .item(labSchema.shape.name, ['name'])
    .filter(({ value }) => value !== undefined && value !== name)
    .map(({ path }) =>
      draft.document.problemAt(path, `must be the folder's name, "${name}", or be left out`),
    );
}
