import { stringify } from 'yaml';
import type { Certificate } from './certificate.ts';
import { eventually } from './eventually.ts';
import { kubectl } from './kubectl.ts';
import { WHOAMI_IMAGE } from './set-up.ts';
import type { Student } from './student.ts';

export interface WebApp {
  readonly name: string;
  /** What the app says of itself, to know whose answer it is. */
  readonly says: string;
  readonly hosts: readonly string[];
  readonly certificate?: Certificate;
  /** Who is to get a certificate for its hosts: a resolver of the cluster's Traefik. It is served over HTTPS alone then. */
  readonly resolver?: string;
}

/** Deploys the test app as a student would: a Deployment, a Service, an Ingress, and a Secret for TLS. */
export async function deploy(student: Student, app: WebApp): Promise<void> {
  await kubectl(student, 'apply -f -', manifests(app));
  await eventually(() => kubectl(student, `rollout status deployment/${app.name} --timeout=60s`), {
    what: `the app ${app.name} of ${student.name} has come up`,
    within: 200_000,
  });
}

/** The app's objects as YAML, for `kubectl apply -f -`. */
export function manifests(app: WebApp): string {
  const documents = [deployment(app), ...exposure(app)];
  return documents.map((document) => stringify(document)).join('---\n');
}

/** What leads to the pods with the label `app` of its name: a Service, an Ingress, and a Secret for TLS. */
export function exposure(app: WebApp): readonly object[] {
  return [service(app), ingress(app), ...secrets(app)];
}

function deployment({ name, says }: WebApp): object {
  const container = {
    name: 'app',
    image: WHOAMI_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    env: [{ name: 'WHOAMI_NAME', value: says }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [container] } },
    },
  };
}

function service({ name }: WebApp): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80 }] },
  };
}

function ingress({ name, hosts, certificate, resolver }: WebApp): object {
  const backend = { service: { name, port: { number: 80 } } };
  const rules = hosts.map((host) => ({
    host,
    http: { paths: [{ path: '/', pathType: 'Prefix', backend }] },
  }));
  const tls = certificate === undefined ? {} : { tls: [{ hosts, secretName: `${name}-tls` }] };
  const metadata = { name, ...(resolver !== undefined && { annotations: byResolver(resolver) }) };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: { rules, ...tls } };
}

function byResolver(resolver: string): object {
  const router = 'traefik.ingress.kubernetes.io/router';
  return { [`${router}.entrypoints`]: 'websecure', [`${router}.tls.certresolver`]: resolver };
}

function secrets({ name, certificate }: WebApp): object[] {
  if (certificate === undefined) return [];
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/tls',
      metadata: { name: `${name}-tls` },
      stringData: { 'tls.crt': certificate.pem, 'tls.key': certificate.keyPem },
    },
  ];
}
