import { socketPath } from '../data-folder/socket-path.ts';

/** Where the factory of a data folder listens for its operator. */
export function controlSocket(dataFolder: string): string {
  return socketPath(dataFolder, 'control.sock');
}
