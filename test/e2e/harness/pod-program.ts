import { stringify } from 'yaml';
import { kubectl } from './kubectl.ts';
import { WHOAMI_IMAGE } from './set-up.ts';
import type { Student } from './student.ts';

const NODE_ROOT = '/node';
const LIBRARIES = ['usr/lib', 'lib'].map((folder) => `${NODE_ROOT}/${folder}/x86_64-linux-gnu`).join(':');

/**
 * Perl in a pod. No image with a shell can be pulled here: the pod has the node's own files mounted and starts their Perl by
 * their loader, inside the pod's own limits and namespaces.
 */
export const POD_PERL = {
  command: [
    `${NODE_ROOT}/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2`,
    '--library-path',
    LIBRARIES,
    `${NODE_ROOT}/usr/bin/perl`,
  ],
  mount: { name: 'node', mountPath: NODE_ROOT, readOnly: true },
  volume: { name: 'node', hostPath: { path: '/' } },
};

/** Runs a Perl program in a pod, once. */
export async function startInPod(student: Student, name: string, program: string): Promise<void> {
  const container = {
    name: 'program',
    image: WHOAMI_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    command: POD_PERL.command,
    args: ['-e', program],
    volumeMounts: [POD_PERL.mount],
  };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      containers: [container],
      volumes: [POD_PERL.volume],
    },
  };
  await kubectl(student, 'apply -f -', stringify(pod));
}
