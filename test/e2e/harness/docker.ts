import { execa } from 'execa';
import { z } from 'zod';

/** What `docker` prints on standard output; throws with its message where it fails. */
export async function docker(
  args: readonly string[],
  options: { input?: string; timeout?: number } = {},
): Promise<string> {
  const { input, timeout = 120_000 } = options;
  const { stdout } = await execa('docker', args, { timeout, ...(input === undefined ? {} : { input }) });
  return stdout;
}

/** The lines of a listing, without empty ones. */
export async function dockerLines(args: readonly string[]): Promise<readonly string[]> {
  const output = await docker(args);
  return output.split('\n').filter((line) => line !== '');
}

const containerSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  State: z.object({ Status: z.string(), StartedAt: z.string(), Pid: z.number() }),
  Mounts: z.array(z.object({ Source: z.string(), Destination: z.string() })),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullable() }),
  HostConfig: z.object({
    Memory: z.number(),
    NanoCpus: z.number(),
    CpuQuota: z.number(),
    CpuPeriod: z.number(),
    PidsLimit: z.number().nullable(),
    Privileged: z.boolean(),
  }),
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ IPAddress: z.string(), Gateway: z.string() })),
    Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()),
  }),
});

export type Container = z.infer<typeof containerSchema>;

/** The containers that carry all these labels (`key=value`), whatever their state. */
export async function containersWith(...labels: string[]): Promise<readonly Container[]> {
  const filters = labels.flatMap((label) => ['--filter', `label=${label}`]);
  const ids = await dockerLines(['ps', '--all', '--quiet', '--no-trunc', ...filters]);
  if (ids.length === 0) return [];
  return z.array(containerSchema).parse(JSON.parse(await docker(['inspect', ...ids])));
}
