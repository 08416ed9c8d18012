import { stringify } from 'yaml';
import { eventually } from './eventually.ts';
import { request } from './http-request.ts';
import { kubectl } from './kubectl.ts';
import { POD_PERL } from './pod-program.ts';
import { WHOAMI_IMAGE } from './set-up.ts';
import type { Student } from './student.ts';
import { exposure, type WebApp } from './web-app.ts';

/**
 * On port 80: at `/download` numbered lines, 16 bytes each, until somebody asks for `/end`, which ends all of them in order; at any
 * other path what the app says of itself. Without modules (`use strict` is one), as a pod has none: the numbers are AF_INET, SOCK_STREAM and SO_REUSEADDR.
 */
const PROGRAM = `
  my $says = shift @ARGV;
  $SIG{CHLD} = 'IGNORE';
  socket(my $server, 2, 1, 0) or die $!;
  setsockopt($server, 1, 2, pack('l', 1)) or die $!;
  bind($server, pack('S n a4 x8', 2, 80, "\\0" x 4)) or die $!;
  listen($server, 128) or die $!;
  while (1) {
    accept(my $client, $server) or next;
    my $child = fork;
    if (!defined $child || $child) { close $client; next }
    serve($client);
    exit;
  }
  sub serve {
    my ($client) = @_;
    my $ended = 0;
    $SIG{USR1} = sub { $ended = 1 };
    my $head = '';
    while ($head !~ /\\r\\n\\r\\n/) { sysread($client, $head, 4096, length $head) or return }
    my ($path) = $head =~ /^\\S+ (\\S+)/;
    if ($path ne '/download') {
      kill('USR1', -1) if $path eq '/end';
      answer($client, 'Content-Length: ' . length($says) . "\\r\\n\\r\\n" . $says);
      return;
    }
    answer($client, "Content-Type: text/plain\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n");
    for (my $line = 0; !$ended; $line += 64) {
      my $chunk = join('', map { sprintf("%015d\\n", $_) } $line .. $line + 63);
      syswrite($client, sprintf("%x\\r\\n%s\\r\\n", length $chunk, $chunk)) or return;
      select(undef, undef, undef, 0.02);
    }
    syswrite($client, "0\\r\\n\\r\\n");
  }
  sub answer {
    my ($client, $rest) = @_;
    syswrite($client, "HTTP/1.1 200 OK\\r\\nConnection: close\\r\\n" . $rest);
  }
`;

/** Puts it behind an Ingress; resolves when it answers there. */
export async function deployDownloads(
  student: Student,
  app: WebApp,
  at: { readonly host: string; readonly port: number },
): Promise<void> {
  const documents = [pod(app), ...exposure(app)];
  await kubectl(student, 'apply -f -', documents.map((document) => stringify(document)).join('---\n'));
  await eventually(async () => (await request({ url: `http://${app.hosts[0]}/`, at })).body === app.says, {
    what: `the downloads of ${student.name} answer`,
  });
}

function pod({ name, says }: WebApp): object {
  const container = {
    name: 'program',
    image: WHOAMI_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    command: POD_PERL.command,
    args: ['-e', PROGRAM, says],
    volumeMounts: [POD_PERL.mount],
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: { containers: [container], volumes: [POD_PERL.volume], terminationGracePeriodSeconds: 0 },
  };
}
