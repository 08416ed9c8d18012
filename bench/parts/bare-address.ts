import { docker } from '../../test/e2e/harness/docker.ts';

/** Where the host reaches a container: its address in the one network that it is in. */
export async function addressOf(container: string): Promise<string> {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  return (await docker(['inspect', '--format', format, container])).trim();
}
