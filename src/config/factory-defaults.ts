import type { LabName } from '../names/lab-name.ts';
import type { Username } from '../names/username.ts';
import type { ImagesConfig } from './factory-config.ts';

/** What is taken where the configuration says nothing and no constant can: it depends on the person and the installation. */
export interface FactoryDefaults {
  /** The person who runs the factory. */
  readonly owner: Username;
  readonly images: ImagesConfig;
  /** The folder of the labs that come with the factory; absolute. */
  readonly labs: string;
  /** Where who names no lab goes, if the configuration has no groups and there is a lab of this name. */
  readonly lab: LabName | undefined;
}
