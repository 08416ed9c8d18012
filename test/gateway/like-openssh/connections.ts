import { OUTER_ALGORITHMS, outerMacs } from '../../../src/gateway/ssh/algorithms.ts';
import type { Behaviour, BehaviourTable } from './behaviour.ts';

const named = (option: string, names: readonly string[]): string =>
  `${option}: ${names.map((name) => `\`${name}\``).join(', ')}`;
const offered = (option: string, names: readonly string[]): Behaviour => ({
  does: named(option, names),
  script: `for a in ${names.join(' ')}; do numbers 300000 | ssh -o ${option}=$a lab sha256sum; done`,
  shows: '-',
});
/** What a plain sshd takes and the gateway does not; `options` are ssh's, with `$a` in the place of the name. */
const lacks = (option: string, options: string, names: readonly string[], because: string): Behaviour => ({
  does: named(option, names),
  script: `for a in ${names.join(' ')}; do ssh ${options} lab echo $a || failed=$?; done; exit \${failed:-0}`,
  shows: names.join('\n'),
  differs: { because, gateway: { status: 255, stdout: /^$/ } },
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
      script: `ssh -o ServerAliveInterval=3 -o ServerAliveCountMax=5 lab 'sleep 20; echo on'`,
      shows: 'on',
    },
    {
      does: 'ServerAliveInterval, and an sshd that has stopped',
      script: `timeout 60 ssh -o ServerAliveInterval=3 -o ServerAliveCountMax=4 lab 'kill -STOP $PPID; sleep 1' 2>/dev/null`,
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
    lacks(
      'KexAlgorithms',
      '-o KexAlgorithms=$a',
      ['sntrup761x25519-sha512', 'sntrup761x25519-sha512@openssh.com'],
      'neither OpenSSL nor an audited library has it. OpenSSH 9.0 to 9.8 (Debian 12 has 9.2), whose first choice it is, comes in by `curve25519-sha256`, which is not post-quantum; newer ones by `mlkem768x25519-sha256`',
    ),
    lacks(
      'KexAlgorithms',
      '-o KexAlgorithms=$a',
      ['ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521'],
      "`ssh-audit` fails NIST's curves, and with the larger ones one message of a stranger would cost too much; see [what is offered](security.md#ssh-what-is-offered)",
    ),
    lacks(
      'KexAlgorithms',
      '-o KexAlgorithms=$a',
      [
        'diffie-hellman-group-exchange-sha256',
        'diffie-hellman-group14-sha256',
        'diffie-hellman-group16-sha512',
        'diffie-hellman-group18-sha512',
      ],
      'one message of a stranger would cost too much; the sshd of OpenSSH 10 offers none of them either',
    ),
    lacks(
      'MACs',
      '-c aes128-ctr -m $a',
      ['umac-64-etm@openssh.com', 'umac-128-etm@openssh.com', 'umac-64@openssh.com', 'umac-128@openssh.com'],
      'OpenSSL has no UMAC. Who has it has `hmac-sha2-256-etm@openssh.com` or `hmac-sha2-256`, too, and the ciphers that OpenSSH chooses by itself need no MAC',
    ),
    lacks(
      'MACs',
      '-c aes128-ctr -m $a',
      ['hmac-sha1-etm@openssh.com', 'hmac-sha1'],
      'nothing with SHA-1 is offered; who has it has `hmac-sha2-256`, too',
    ),
    lacks(
      'HostKeyAlgorithms',
      '-o HostKeyAlgorithms=$a',
      ['ecdsa-sha2-nistp256'],
      'the gateway has an ed25519 and an RSA key, and clients of the last ten years know at least one of them',
    ),
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
