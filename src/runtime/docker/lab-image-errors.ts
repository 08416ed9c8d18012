import { basename } from 'node:path';
import { FactoryError } from '../../errors/factory-error.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';

export function imageMissing(lab: LabDefinition, cause: unknown): FactoryError {
  const { image } = lab.container;
  return new FactoryError(
    'LAB_IMAGE_MISSING',
    `The image of the lab ${lab.name} is not there; build it with \`docker build -t ${image} ${basename(lab.folder)}\` beside the lab's folder.`,
    { cause, ...(cause instanceof FactoryError && cause.detail !== undefined && { detail: cause.detail }) },
  );
}

export function imageWithoutSshd(lab: LabDefinition): FactoryError {
  return new FactoryError(
    'LAB_IMAGE_WITHOUT_SSHD',
    `The image ${lab.container.image} has no SSH server; add this line to its Dockerfile and build it again: ` +
      'RUN apt-get update && apt-get install -y openssh-server',
  );
}
