import { buffer } from 'node:stream/consumers';
import ssh2 from 'ssh2';
import { pack } from 'tar-stream';
import type { ProgramFile } from '../../lab-program/lab-program.ts';
import type { ContainerDefinition } from '../../labs/lab-definition.ts';
import { FACTORY_FOLDER, setEnvArguments, sshdConfig } from './sshd-config.ts';

/**
 * What a new container gets at `/`, as a tar archive: the inner sshd's configuration with a host key of its own, and the program
 * `cluster` where it is wanted. The folder is open to all because the kubeconfig in it is the student's; the files in it look
 * after themselves.
 */
export async function factoryFiles(
  container: ContainerDefinition,
  authorizedKey: string,
  program: readonly ProgramFile[],
): Promise<Buffer> {
  const hostKey = ssh2.utils.generateKeyPairSync('ed25519');
  const archive = pack();
  const folder = FACTORY_FOLDER.slice(1);
  archive.entry({ name: `${folder}/`, type: 'directory', mode: 0o755 });
  archive.entry({ name: `${folder}/sshd_config`, mode: 0o644 }, sshdConfig(container.user));
  archive.entry({ name: `${folder}/host_key`, mode: 0o600 }, hostKey.private);
  archive.entry({ name: `${folder}/authorized_keys`, mode: 0o644 }, `${authorizedKey}\n`);
  archive.entry({ name: `${folder}/environment`, mode: 0o644 }, `${setEnvArguments(container.env)}\n`);
  for (const { path, mode, text } of program) archive.entry({ name: path.slice(1), mode }, text);
  archive.finalize();
  return buffer(archive);
}
