import type { LabPolicy } from '../config/lab-policy.ts';
import type { YamlDocument } from '../config/yaml-document.ts';
import type { LabName } from '../names/lab-name.ts';
import type { Lifecycle } from './lab-definition.ts';

/** A lab's file as it was read, and what it is held against. */
export interface LabSource {
  readonly name: LabName;
  /** Absolute. */
  readonly folder: string;
  readonly document: YamlDocument;
  /** What is taken where the lab says nothing. */
  readonly lifecycle: Lifecycle;
  readonly policy: LabPolicy;
}
