import { FactoryError } from '../errors/factory-error.ts';

// What somebody is told whose session through a ContainerSSH can not go on.

export function otherWorkspace(): FactoryError {
  return new FactoryError(
    'REQUEST_INVALID',
    'That connection has a session in another workspace; disconnect, and connect again.',
  );
}

export function sessionEnded(): FactoryError {
  return new FactoryError('WORKSPACE_ASLEEP', 'Your session was ended; connect again.');
}

export function restarting(): FactoryError {
  return new FactoryError('SHUTTING_DOWN', 'The lab is being restarted; please connect again in a minute.');
}
