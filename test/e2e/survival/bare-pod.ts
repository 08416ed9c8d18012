import { stringify } from 'yaml';
import { eventually } from '../harness/eventually.ts';
import { kubectl } from '../harness/kubectl.ts';
import { POD_PERL } from '../harness/pod-program.ts';
import { WHOAMI_IMAGE } from '../harness/set-up.ts';
import type { Student } from '../harness/student.ts';

/** Where the pod keeps something, each on a volume of another kind. */
export const VOLUMES = { claim: '/claim', emptyDir: '/scratch', memory: '/memory' } as const;

/** Writes a word of its own wherever there is none yet, and stays; or says what is asked. */
const PROGRAM = `
  my ($what, $name) = @ARGV;
  if ($what eq 'read') { open(my $file, '<', $name) or exit 1; print <$file>; exit }
  if ($what eq 'resolve') { my @host = gethostbyname($name) or exit 1; print join('.', unpack('C4', $host[4])); exit }
  $SIG{TERM} = sub { exit };
  for my $folder (qw(${Object.values(VOLUMES).join(' ')})) {
    next if -e "$folder/word";
    open(my $file, '>', "$folder/word") or die; print $file int(rand(1e12)); close($file);
  }
  sleep 1 while 1;
`;

/** A pod that no controller would make again, with a claim, an emptyDir on the node's disk, and one in memory. */
export async function makeBarePod(student: Student): Promise<void> {
  const documents = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bare' }, data: { 'program.pl': PROGRAM } },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'bare' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Mi' } } },
    },
    pod(),
  ];
  await kubectl(student, 'apply -f -', documents.map((document) => stringify(document)).join('---\n'));
  await student.run('kubectl wait pod/bare --for=condition=Ready --timeout=180s', { timeout: 200_000 });
  await eventually(() => readInPod(student, `${VOLUMES.memory}/word`), {
    what: 'the bare pod has written its words',
  });
}

function pod(): object {
  const mounts = Object.entries(VOLUMES).map(([name, mountPath]) => ({
    name: name.toLowerCase(),
    mountPath,
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'bare' },
    spec: {
      containers: [
        {
          name: 'program',
          image: WHOAMI_IMAGE,
          imagePullPolicy: 'IfNotPresent',
          command: POD_PERL.command,
          args: ['/script/program.pl', 'stay'],
          volumeMounts: [POD_PERL.mount, { name: 'program', mountPath: '/script' }, ...mounts],
        },
      ],
      volumes: [
        POD_PERL.volume,
        { name: 'program', configMap: { name: 'bare' } },
        { name: 'claim', persistentVolumeClaim: { claimName: 'bare' } },
        { name: 'emptydir', emptyDir: {} },
        { name: 'memory', emptyDir: { medium: 'Memory' } },
      ],
    },
  };
}

export function readInPod(student: Student, path: string): Promise<string> {
  return perl(student, 'read', path);
}

/** The IPv4 address that a program in the pod finds for a name. */
export function resolveInPod(student: Student, name: string): Promise<string> {
  return kubectl(student, resolveArguments(name));
}

/** As `resolveInPod`, for kubectl in a script. */
export function resolveArguments(name: string): string {
  return inPod('resolve', name);
}

function perl(student: Student, ...args: readonly string[]): Promise<string> {
  return kubectl(student, inPod(...args));
}

function inPod(...args: readonly string[]): string {
  return ['exec bare --', ...POD_PERL.command, '/script/program.pl', ...args].join(' ');
}
