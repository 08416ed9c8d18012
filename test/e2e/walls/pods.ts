import { stringify } from 'yaml';
import { kubectl } from '../harness/kubectl.ts';
import { WHOAMI_IMAGE } from '../harness/set-up.ts';
import type { Student } from '../harness/student.ts';

export const POD = { ordinary: 'ordinary', privileged: 'privileged' } as const;

/** Where the privileged pod has the node's files. */
export const NODE_FILES = '/node';

/** No image with a shell can be pulled here: pods have the node's own programs, to read. All else of an ordinary pod is its own. */
const PROGRAMS = {
  '/usr': '/usr',
  '/bin': '/usr/bin',
  '/sbin': '/usr/sbin',
  '/lib': '/usr/lib',
  '/lib64': '/usr/lib64',
};

/**
 * Two pods with a shell: one as anybody gets it, and one with all that a cluster's admin may ask for: privileged, in the node's
 * namespaces, with the node's files. Resolves when they are ready.
 */
export async function makePods(student: Student): Promise<void> {
  const all = {
    container: {
      securityContext: { privileged: true, runAsUser: 0 },
      volumeMounts: [{ name: 'node', mountPath: NODE_FILES }],
    },
    spec: { hostPID: true, hostIPC: true, hostNetwork: true },
    volumes: [{ name: 'node', hostPath: { path: '/' } }],
  };
  const none = { container: { securityContext: { runAsUser: 0 }, volumeMounts: [] }, spec: {}, volumes: [] };
  const documents = [pod(POD.ordinary, none), pod(POD.privileged, all)].map((document) =>
    stringify(document),
  );
  await kubectl(student, 'apply -f -', documents.join('---\n'));
  const wait = `kubectl wait pod/${POD.ordinary} pod/${POD.privileged} --for=condition=Ready --timeout=180s`;
  await student.run(wait, { timeout: 200_000 });
}

interface Extras {
  readonly container: { readonly securityContext: object; readonly volumeMounts: readonly object[] };
  readonly spec: object;
  readonly volumes: readonly object[];
}

function pod(name: string, { container, spec, volumes }: Extras): object {
  const programs = Object.entries(PROGRAMS).map(([mountPath, path], index) => ({
    mount: { name: `programs-${index}`, mountPath, readOnly: true },
    volume: { name: `programs-${index}`, hostPath: { path } },
  }));
  const scratch = {
    mount: { name: 'scratch', mountPath: '/tmp' },
    volume: { name: 'scratch', emptyDir: {} },
  };
  const shell = {
    name: 'shell',
    image: WHOAMI_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    command: ['/usr/bin/sleep', 'infinity'],
    env: [{ name: 'PATH', value: '/usr/sbin:/usr/bin' }],
    ...container,
    volumeMounts: [...programs.map(({ mount }) => mount), scratch.mount, ...container.volumeMounts],
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      ...spec,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      containers: [shell],
      volumes: [...programs.map(({ volume }) => volume), scratch.volume, ...volumes],
    },
  };
}
