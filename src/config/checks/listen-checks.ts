import type { ConfigDraft } from '../config-draft.ts';
import { formatListen } from '../listen-address.ts';
import type { Problem } from '../problem.ts';
import { DEFAULT_LISTEN } from '../schema.ts';
import { listen } from '../values.ts';
import { formatPath, type Path } from '../yaml-document.ts';

const LISTENS: ReadonlyArray<readonly [Path, string | undefined]> = [
  [['ssh', 'listen'], DEFAULT_LISTEN.ssh],
  [['web', 'listen'], DEFAULT_LISTEN.web],
  [['routes', 'http'], DEFAULT_LISTEN.http],
  [['routes', 'https'], DEFAULT_LISTEN.https],
  [['routes', 'kube'], DEFAULT_LISTEN.kube],
  [['containerssh', 'listen'], undefined],
];

/** No two listeners on one port, whatever their hosts: one of them may be a wildcard. */
export function listenProblems(draft: ConfigDraft): readonly Problem[] {
  const listens = LISTENS.flatMap(([path, byDefault]) => draft.item(listen, path, byDefault));
  return listens.flatMap((item, index) => {
    if (item.value.port === 0) return [];
    const other = listens.slice(0, index).find(({ value }) => value.port === item.value.port);
    if (other === undefined) return [];
    // Either may be a default: the problem belongs to the one that the file has.
    const [blamed, kept] = draft.has(item.path) ? [item, other] : [other, item];
    const message = `has the same port as ${formatPath(kept.path)} (${formatListen(kept.value)}); take another`;
    return [draft.document.problemAt(blamed.path, message)];
  });
}
