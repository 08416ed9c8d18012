import { resolve } from 'node:path';
import { toLifecycle } from '../config/lifecycle-values.ts';
import type { LabName } from '../names/lab-name.ts';
import type {
  ClusterDefinition,
  ContainerDefinition,
  FileDefinition,
  Given,
  HookDefinitions,
  LabDefinition,
  Lifecycle,
} from './lab-definition.ts';
import { HOOK_NAMES } from './lab-definition.ts';
import type { LabFile } from './lab-schema.ts';
import type { ClusterFile } from './schema/cluster-schema.ts';
import type { ContainerFile } from './schema/container-schema.ts';
import type { HooksFile } from './schema/hooks-schema.ts';

/** What a definition is made of besides the file itself. */
export interface DefinitionBase {
  readonly name: LabName;
  /** Absolute. */
  readonly folder: string;
  /** What is taken where the lab says nothing. */
  readonly lifecycle: Lifecycle;
  /** The same of the host: the user's name. */
  readonly host: string;
  readonly given: Given;
}

/** A lab's file, checked, as the factory uses it. */
export function toDefinition(file: LabFile, base: DefinitionBase): LabDefinition {
  return {
    name: base.name,
    description: file.description,
    folder: base.folder,
    container: toContainer(file.container, base),
    cluster: file.cluster === undefined ? undefined : toCluster(file.cluster),
    routes: { host: file.routes.host ?? base.host },
    lifecycle: toLifecycle(file.lifecycle, base.lifecycle),
    hooks: toHooks(file.hooks),
    given: base.given,
  };
}

function toContainer(container: ContainerFile, { name, folder }: DefinitionBase): ContainerDefinition {
  const { image = `ssh-lab-factory/lab-${name}`, build, files, mounts, ...rest } = container;
  return {
    ...rest,
    image,
    build: build === undefined ? undefined : resolve(folder, build),
    files: files.map((file) => toFile(file, folder)),
    mounts: mounts.map(({ source, target, read_only: readOnly }) => ({ source, target, readOnly })),
  };
}

function toFile(
  { path, content, source, mode, owner }: ContainerFile['files'][number],
  folder: string,
): FileDefinition {
  return {
    path,
    content:
      source === undefined
        ? { kind: 'text', text: content ?? '' }
        : { kind: 'file', file: resolve(folder, source) },
    mode,
    owner,
  };
}

function toCluster(cluster: ClusterFile): ClusterDefinition {
  const { start_timeout: startTimeout, image, ...rest } = cluster;
  return { ...rest, image, startTimeout };
}

function toHooks({ initialization, ...others }: HooksFile): HookDefinitions {
  const definitions: { -readonly [Name in keyof HookDefinitions]: HookDefinitions[Name] } = {};
  if (initialization !== undefined) {
    const { values: _, secret, ...hook } = initialization;
    definitions.initialization = { ...hook, secret };
  }
  for (const name of HOOK_NAMES) {
    if (name === 'initialization') continue;
    const hook = others[name];
    if (hook !== undefined) definitions[name] = { ...hook, secret: hook.secret, required: false };
  }
  return definitions;
}
