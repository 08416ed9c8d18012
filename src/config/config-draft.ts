import { resolve } from 'node:path';
import type { z } from 'zod';
import type { Problem } from './problem.ts';
import type { Path, YamlDocument } from './yaml-document.ts';

/** A value that is right in itself, and where it stands. */
export interface DraftItem<T> {
  readonly path: Path;
  readonly value: T;
}

/**
 * A configuration file that may have mistakes: what is right in it can be read, so that it can be held against other parts
 * and the file system even where the rest is wrong, and all mistakes are found at once.
 */
export class ConfigDraft {
  readonly document: YamlDocument;
  readonly #folder: string;

  /** `folder`: what relative paths are relative to. */
  constructor(document: YamlDocument, folder: string) {
    this.document = document;
    this.#folder = folder;
  }

  has(path: Path): boolean {
    return this.#raw(path) !== undefined;
  }

  /** The value at `path` or, where there is none, `byDefault`; nothing where that breaks the schema. */
  item<T>(schema: z.ZodType<T>, path: Path, byDefault?: unknown): ReadonlyArray<DraftItem<T>> {
    const parsed = schema.safeParse(this.#raw(path) ?? byDefault);
    return parsed.success ? [{ path, value: parsed.data }] : [];
  }

  /** Those items of the list at `path` that keep to the schema. */
  items<T>(schema: z.ZodType<T>, path: Path): ReadonlyArray<DraftItem<T>> {
    const list = this.#raw(path);
    if (!Array.isArray(list)) return [];
    return list.flatMap((_, index) => this.item(schema, [...path, index]));
  }

  absolute(path: string): string {
    return resolve(this.#folder, path);
  }

  /** A problem for each value that stands before in the list as well. */
  repeated(items: ReadonlyArray<DraftItem<unknown>>, message: string): readonly Problem[] {
    return items
      .filter(({ value }, index) => items.findIndex((other) => other.value === value) < index)
      .map(({ path }) => this.document.problemAt(path, message));
  }

  #raw(path: Path): unknown {
    let found: unknown = this.document.value;
    for (const part of path) {
      if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined;
      found = Reflect.get(found, part);
    }
    return found;
  }
}

/** The values of a list that stands at `path`. */
export function itemsAt<T>(path: Path, values: readonly T[]): ReadonlyArray<DraftItem<T>> {
  return values.map((value, index) => ({ path: [...path, index], value }));
}
