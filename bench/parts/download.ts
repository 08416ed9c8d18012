import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { docker } from '../../test/e2e/harness/docker.ts';
import { LAB_IMAGE } from '../../test/e2e/harness/set-up.ts';
import { bareName } from './bare-names.ts';

const MEBIBYTES = 128;

/** One process for each request; what it sends is in memory. */
const PROGRAM = `
use IO::Socket::INET;
$SIG{CHLD} = 'IGNORE';
my $door = IO::Socket::INET->new(LocalPort => 80, Listen => 16, ReuseAddr => 1) or die;
my $piece = "x" x (1 << 20);
while (my $client = $door->accept) {
  if (fork) { close $client; next }
  while (<$client>) { last if /^\\r?\\n$/ }
  print $client "HTTP/1.1 200 OK\\r\\nContent-Length: ", ${MEBIBYTES} << 20, "\\r\\nConnection: close\\r\\n\\r\\n";
  print $client $piece for 1 .. ${MEBIBYTES};
  exit;
}`;

/** A server of 128 MiB in the network of a cluster, which has a Service and an Ingress for it. Disposing it removes it. */
export class Download implements AsyncDisposable {
  readonly #name: string;

  private constructor(name: string) {
    this.#name = name;
  }

  static async run(network: string): Promise<Download> {
    const name = bareName(randomBytes(3).toString('hex'), process.pid);
    const options = ['--detach', '--init', '--name', name, '--network', network, '--user', 'root'];
    await docker(['run', ...options, LAB_IMAGE, 'perl', '-e', PROGRAM]);
    return new Download(name);
  }

  /** Kubernetes' objects as YAML: a Service without a selector, the address behind it, and the Ingress for `host`. */
  async manifests(host: string): Promise<string> {
    const address = (
      await docker([
        'inspect',
        '--format',
        '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
        this.#name,
      ])
    ).trim();
    return [service(), endpoints(address), ingress(host)].map((one) => stringify(one)).join('---\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await docker(['rm', '--force', '--volumes', this.#name]);
  }
}

const NAME = 'download';

function service(): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: NAME }, spec: { ports: [{ port: 80 }] } };
}

function endpoints(address: string): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: NAME, labels: { 'kubernetes.io/service-name': NAME } },
    addressType: 'IPv4',
    // Traefik and kube-proxy find the port by its name, which is the Service's: none.
    ports: [{ name: '', port: 80 }],
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  };
}

function ingress(host: string): object {
  const backend = { service: { name: NAME, port: { number: 80 } } };
  const rules = [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  // Traefik takes the certificate that the app's Ingress brings.
  const spec = { rules, tls: [{ hosts: [host], secretName: 'hello-tls' }] };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: NAME }, spec };
}
