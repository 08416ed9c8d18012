import ssh2 from 'ssh2';
import type { ContainerEntry } from '../../../docker-engine/container-entries.ts';
import type { ProgramFile } from '../../../lab-program/lab-program.ts';
import type { ContainerDefinition } from '../../../labs/lab-definition.ts';
import { environmentFile, FACTORY_FOLDER, sshdConfig } from '../sessions/sshd-config.ts';

/**
 * What a new container gets of the factory: the inner sshd's configuration with a host key of its own, and the program `cluster`
 * where it is wanted. The folder is open to all because the kubeconfig in it is the student's; the files in it look after
 * themselves.
 */
export function factoryFiles(
  container: ContainerDefinition,
  authorizedKey: string,
  program: readonly ProgramFile[],
): readonly ContainerEntry[] {
  const hostKey = ssh2.utils.generateKeyPairSync('ed25519');
  const own = (name: string, mode: number, content: string): ContainerEntry => ({
    path: `${FACTORY_FOLDER}/${name}`,
    mode,
    content,
  });
  return [
    { path: FACTORY_FOLDER, mode: 0o755, content: undefined },
    own('sshd_config', 0o644, sshdConfig(container.user)),
    own('host_key', 0o600, hostKey.private),
    own('authorized_keys', 0o644, `${authorizedKey}\n`),
    own('environment', 0o644, environmentFile(container.env)),
    ...program.map(({ path, mode, text }) => ({ path, mode, content: text })),
  ];
}
