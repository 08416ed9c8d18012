import { OUTER_ALGORITHMS, outerMacs } from '../../../src/gateway/ssh/algorithms.ts';
import type { Behaviour, BehaviourTable } from './behaviour.ts';

const offered = (option: string, names: readonly string[]): Behaviour => ({
  does: `${option}: ${names.map((name) => `\`${name}\``).join(', ')}`,
  script: `for a in ${names.join(' ')}; do numbers 300000 | ssh -o ${option}=$a lab sha256sum; done`,
  shows: '-',
});
const listOf = (names: unknown): readonly string[] => (Array.isArray(names) ? names.map(String) : []);

/** Some clients show a refusal's reason in no other way. */
const QUESTION = {
  because: 'the gateway also offers `keyboard-interactive`, by which a refused client is told why',
  gateway: { stderr: /Permission denied \(publickey,keyboard-interactive\)\.$/ },
};

export const CONNECTIONS: BehaviourTable = {
  title: 'Connections',
  behaviours: [
    {
      does: 'ControlMaster: 20 sessions at once',
      script:
        'share; for n in $(seq 20); do ssh -S c lab "echo $n; exit $n" >o$n & done; for j in $(jobs -p); do wait $j; echo $?; done; for n in $(seq 20); do filled o$n; done; cat o* | sort -n; unshare',
      shows: '20',
    },
    {
      does: '-O check, stop, exit',
      script:
        'share; ssh -S c -O check lab 2>&1 | sed "s/pid=[0-9]*//"; ssh -S c -O exit lab; while [ -e c ]; do sleep 0.05; done; ssh -S c -O check lab 2>&1 | tail -1',
      shows: 'Master running',
    },
    {
      does: 'a session goes on when the master is stopped',
      script:
        'share; ssh -S c lab "touch $D/ready; sleep 1; echo on" & waits ready; ssh -S c -O stop lab 2>/dev/null; wait',
      shows: 'on',
    },
    {
      does: 'ServerAliveInterval',
      script: `ssh -o ServerAliveInterval=1 -o ServerAliveCountMax=5 lab 'sleep 3; echo on'`,
      shows: 'on',
    },
    {
      does: 'ServerAliveInterval, and an sshd that has stopped',
      script: `timeout 20 ssh -o ServerAliveInterval=1 -o ServerAliveCountMax=2 lab 'kill -STOP $PPID; sleep 1' 2>/dev/null`,
      shows: '',
      status: 255,
      differs: {
        because:
          "the gateway answers for itself; whether the container's sshd still does is found out when something is asked of it",
        gateway: { status: 124 },
      },
    },
    {
      does: 'new keys each 256 KB, both ways',
      script: `numbers 2000000 | ssh -o RekeyLimit=256K lab 'tee >(sha256sum >&2)' | sha256sum`,
      shows: '-',
    },
    {
      does: 'new keys each 4 MB, 50 MB both ways',
      script: `numbers 50000000 | ssh -o RekeyLimit=4M lab cat | sha256sum`,
      shows: '-',
    },
    {
      does: 'new keys while one types',
      script: `for n in $(seq 60); do echo line $n; sleep 0.02; done | ssh -o RekeyLimit='default 1' lab cat | sha256sum`,
      shows: '-',
    },
    {
      does: 'Compression',
      script: `numbers 3000000 | ssh -C lab 'cat; seq 1 100000' | sha256sum`,
      shows: '-',
    },
    offered('Ciphers', listOf(OUTER_ALGORITHMS.cipher)),
    {
      ...offered('MACs', listOf(outerMacs('compatible'))),
      script: `for a in ${listOf(outerMacs('compatible')).join(' ')}; do numbers 300000 | ssh -c aes128-ctr -m $a lab sha256sum; done`,
    },
    offered('KexAlgorithms', ['curve25519-sha256', 'curve25519-sha256@libssh.org']),
    offered('HostKeyAlgorithms', ['ssh-ed25519']),
    {
      does: 'KexAlgorithms: `ecdh-sha2-nistp256`',
      script: 'ssh -o KexAlgorithms=ecdh-sha2-nistp256 lab echo yes',
      shows: 'yes',
      differs: {
        because:
          'one message of a stranger would cost too much; see [what is offered](security.md#ssh-what-is-offered)',
        gateway: { status: 255, stdout: /^$/ },
      },
    },
    {
      does: 'a login by keyboard-interactive or a password',
      script: 'ssh -o BatchMode=yes -o PreferredAuthentications=keyboard-interactive,password lab',
      shows: 'Permission denied (publickey)',
      status: 255,
      differs: QUESTION,
    },
    {
      does: 'a key that nobody knows',
      script: `ssh-keygen -q -t ed25519 -N '' -f k; ssh -F none -i k -o IdentityAgent=none -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null $(ssh -G lab | awk '$1=="port"{print "-p"$2} $1=="user"{print "-l"$2}') 127.0.0.1 true`,
      shows: 'Permission denied (publickey)',
      status: 255,
      differs: QUESTION,
    },
  ],
};
