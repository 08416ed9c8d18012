import { z } from 'zod';
import { eventually } from './eventually.ts';
import type { Student } from './student.ts';

const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), uid: z.string() }),
      status: z.object({
        phase: z.string(),
        podIP: z.string().optional(),
        containerStatuses: z.array(z.object({ restartCount: z.number(), ready: z.boolean() })).default([]),
      }),
    }),
  ),
});

export interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly restarts: number;
}

/** `kubectl` as the student runs it: in their container, with nothing set up. */
export async function kubectl(student: Student, command: string, input?: string): Promise<string> {
  return student.run(`kubectl ${command}`, input === undefined ? {} : { input });
}

/** Resolves when the student's node is Ready, as their own kubectl says. */
export async function clusterOfUse(student: Student, within = 200_000): Promise<void> {
  await eventually(
    async () => / Ready /.test(await kubectl(student, 'get nodes --no-headers --request-timeout=15s')),
    {
      what: `${student.name} sees a Ready node`,
      within,
      every: 500,
    },
  );
}

/** The pods of all namespaces, by name. */
export async function pods(student: Student, selector = ''): Promise<readonly Pod[]> {
  const answer = await kubectl(student, `get pods --all-namespaces -o json ${selector}`);
  return podsSchema
    .parse(JSON.parse(answer))
    .items.map(({ metadata, status }) => ({
      name: metadata.name,
      uid: metadata.uid,
      phase: status.phase,
      ready: status.containerStatuses.length > 0 && status.containerStatuses.every(({ ready }) => ready),
      restarts: status.containerStatuses.reduce((sum, container) => sum + container.restartCount, 0),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * Resolves with all pods when nothing is about to change by itself any more: each is ready or has done its work, the cluster's own
 * Traefik is among them, and nobody is making a volume.
 */
export async function settledPods(student: Student): Promise<readonly Pod[]> {
  return eventually(
    async () => {
      const found = await pods(student);
      const unsettled = found.filter(
        ({ name, phase, ready }) => name.startsWith('helper-pod-') || !(ready || phase === 'Succeeded'),
      );
      if (unsettled.length > 0) throw new Error(`not yet: ${unsettled.map(({ name }) => name).join(', ')}`);
      return found.some(({ name }) => name.startsWith('traefik-')) && found;
    },
    { what: `all pods of ${student.name} have come up`, within: 200_000, every: 500 },
  );
}
