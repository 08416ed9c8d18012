import { FactoryError } from '../../errors/factory-error.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';

export function imageMissing(lab: LabDefinition, cause: unknown): FactoryError {
  const { image } = lab.container;
  return new FactoryError(
    'LAB_IMAGE_MISSING',
    `The image ${image} of the lab ${lab.name} is not here and can't be pulled; build it in the folder of its Dockerfile: docker build -t ${image} .`,
    { cause, ...(cause instanceof FactoryError && cause.detail !== undefined && { detail: cause.detail }) },
  );
}

export function imageWithoutSshd(lab: LabDefinition, cause: unknown): FactoryError {
  return new FactoryError(
    'LAB_IMAGE_WITHOUT_SSHD',
    `The image ${lab.container.image} has no SSH server; add this line to its Dockerfile and build it again: ` +
      'RUN apt-get update && apt-get install -y openssh-server',
    { cause },
  );
}
