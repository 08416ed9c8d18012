import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Docker from 'dockerode';
import { parse } from 'yaml';
import { z } from 'zod';
import { LABEL } from '../../src/names/docker-names.ts';
import type { InstanceId } from '../../src/names/instance-id.ts';
import type { TraefikPorts } from '../../src/routing/traefik-options.ts';
import { PROJECT } from '../e2e/harness/set-up.ts';

export interface OperatorsTraefikOptions {
  readonly instance: InstanceId;
  readonly image: string;
  /** For its files, on this host. */
  readonly folder: string;
  /** In place of the address in the page. */
  readonly address: string;
  readonly ports: TraefikPorts;
}

const composeSchema = z.object({
  services: z.object({
    traefik: z.object({ command: z.array(z.string()), network_mode: z.literal('host') }),
  }),
});

/** A Traefik with the Docker provider as docs/routing.md sets it up, but for addresses and instance. */
export async function startOperatorsTraefik(options: OperatorsTraefikOptions): Promise<void> {
  const page = await readFile(join(PROJECT, 'docs/routing.md'), 'utf8');
  const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text ?? '');
  const blockWith = (start: string) => blocks.find((text) => text.startsWith(start)) ?? '';
  const { services } = composeSchema.parse(parse(blockWith('services:')));
  const dynamic = join(options.folder, 'dynamic');
  await mkdir(dynamic);
  await writeFile(join(dynamic, 'tls.yaml'), blockWith('tls:'));
  const container = await new Docker().createContainer({
    Image: options.image,
    Cmd: services.traefik.command.map((option) => adapted(option, options)),
    Labels: { [LABEL.instance]: options.instance },
    HostConfig: {
      NetworkMode: services.traefik.network_mode,
      Binds: ['/var/run/docker.sock:/var/run/docker.sock:ro', `${dynamic}:/etc/traefik/dynamic:ro`],
    },
  });
  await container.start();
}

function adapted(option: string, { instance, address, ports }: OperatorsTraefikOptions): string {
  return option
    .replace(/203\.0\.113\.7:80$/, `${address}:${ports.http}`)
    .replace(/203\.0\.113\.7:443$/, `${address}:${ports.https}`)
    .replace(/203\.0\.113\.7:6443$/, `${address}:${ports.kube}`)
    .replace('`0123abcd`', `\`${instance}\``);
}
