import type { BehaviourTable } from './behaviour.ts';

export const FORWARDS: BehaviourTable = {
  title: 'Forwards',
  behaviours: [
    {
      does: '-W, and the end of one direction',
      script: 'numbers 3000000 | ssh -W 127.0.0.1:$COUNT lab',
      shows: '3000000 ',
    },
    {
      does: '-W to where nobody listens',
      script: `ssh -o LogLevel=INFO -W 127.0.0.1:1 lab 2>&1 | grep -v "known hosts"; echo \${PIPESTATUS[0]}`,
      shows: 'Connection refused',
    },
    {
      does: '-W to a name that is none',
      script: `ssh -o LogLevel=INFO -W nothing.invalid:1 lab 2>&1 | grep -v "known hosts"; echo \${PIPESTATUS[0]}`,
      shows: 'open failed',
    },
    {
      does: '-L from a Unix socket, and the end of one direction',
      script: 'share -L $D/l:127.0.0.1:$COUNT; numbers 3000000 | talk l; unshare',
      shows: '3000000 ',
    },
    {
      does: '-L from a port',
      script: 'p=$(free_port); share -L $p:127.0.0.1:$COUNT; echo hello | talk $p; unshare',
      shows: '6 ',
    },
    {
      does: '-L to a Unix socket',
      script: 'share -L $D/l:$COUNT_UNIX; numbers 300000 | talk l; unshare',
      shows: '300000 ',
    },
    {
      does: '-L to where nobody listens',
      script: 'share -L $D/l:127.0.0.1:1; echo hello | talk l; unshare; echo on',
      shows: 'on',
    },
    {
      does: '-L to a Unix socket that is not there',
      script: 'share -L $D/l:$D/none; echo hello | talk l; unshare; echo on',
      shows: 'on',
    },
    {
      does: '-D: SOCKS4, SOCKS4A, SOCKS5',
      script:
        'p=$(free_port); share -D $p; for how in socks4 socks4a socks5 socks5-hostname; do curl -s -m 40 --$how 127.0.0.1:$p http://127.0.0.1:$WEB/$how & done; wait; unshare',
      shows: 'welcome\nwelcome\nwelcome\nwelcome\n',
    },
    {
      does: '-R, and the end of one direction',
      script:
        'p=$(free_port); share -o ExitOnForwardFailure=yes -R $p:127.0.0.1:$COUNT; numbers 3000000 | talk $p; unshare',
      shows: '3000000 ',
    },
    {
      does: '-R with port 0, five at once',
      script:
        'share; p=$(ssh -S c -O forward -R 0:127.0.0.1:$COUNT lab); for n in 1 2 3 4 5; do echo hello | talk $p & done; wait; unshare',
      shows: '6 ',
    },
    {
      does: '-R of Unix sockets',
      script: 'share -o ExitOnForwardFailure=yes -R $D/r:$COUNT_UNIX; numbers 300000 | talk r; unshare',
      shows: '300000 ',
    },
    {
      does: '-R to where nobody listens here',
      script: 'share -o ExitOnForwardFailure=yes -R $D/r:127.0.0.1:1; echo hello | talk r; unshare; echo on',
      shows: 'on',
    },
    {
      does: '-R to where sshd may not listen',
      script: 'ssh -o ExitOnForwardFailure=yes -R /none/socket:127.0.0.1:1 lab echo no 2>&1; echo $?',
      shows: 'forwarding failed',
    },
    {
      does: 'cancel of -R',
      script:
        'p=$(free_port); share; ssh -S c -O forward -R $p:127.0.0.1:$COUNT lab; echo hello | talk $p; ssh -S c -O cancel -R $p:127.0.0.1:$COUNT lab; while echo hello | talk $p >/dev/null; do sleep 0.05; done; echo gone; unshare',
      shows: '6 ',
    },
    {
      does: 'cancel of -L',
      script:
        'share -L $D/l:127.0.0.1:$COUNT; ssh -S c -O cancel -L $D/l:127.0.0.1:$COUNT lab; echo hello | talk l; echo $?; unshare',
      shows: '1',
    },
    { does: '-J through it', script: 'ssh -J lab plain "echo inside; exit 6"', shows: 'inside', status: 6 },
    { does: '-J to it', script: 'ssh -J plain lab "echo inside; exit 6"', shows: 'inside', status: 6 },
    {
      does: '-A',
      script:
        'eval $(ssh-agent -s) >/dev/null; ssh-add -q $KEY; ssh -A -o IdentityAgent=SSH_AUTH_SOCK lab ssh-add -l; echo $?; kill $SSH_AGENT_PID',
      shows: 'SHA256',
    },
    {
      does: 'a login with a key that a forwarded agent has for some hosts alone (`ssh-add -h`)',
      script: [
        "of() { ssh -G $1 | awk -v k=$2 '$1==k{print $2}'; }",
        'there=[127.0.0.1]:$(of plain port); lab=$(of lab user)@[127.0.0.1]:$(of lab port)',
        'for h in plain lab; do ssh-keyscan -t ed25519 -p $(of $h port) 127.0.0.1 2>/dev/null; done >known',
        'eval $(ssh-agent -s) >/dev/null; ssh-add -q -H known -h $there -h "$there>$lab" $KEY',
        'log="ssh -n -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentityFile=none"',
        'ssh -n -A -o IdentityAgent=SSH_AUTH_SOCK plain "$log -p $(of lab port) $(of lab user)@127.0.0.1 echo in 2>/dev/null"',
        's=$?; kill $SSH_AGENT_PID; exit $s',
      ].join('; '),
      shows: 'in',
      differs: {
        because:
          'the gateway has no `publickey-hostbound@openssh.com`, without which such an agent signs only for a login from the machine that it runs on',
        gateway: { status: 255, stdout: /^$/ },
      },
    },
    { does: '-a', script: `ssh -a lab 'echo "[$SSH_AUTH_SOCK]"'`, shows: '[]' },
    {
      does: '-Y and -X',
      script: `for o in -Y -X; do DISPLAY=127.0.0.1:99 ssh $o lab 'echo \${DISPLAY%%:*}' 2>/dev/null; done`,
      shows: 'localhost',
    },
    { does: '-x', script: `DISPLAY=127.0.0.1:99 ssh -x lab 'echo "[$DISPLAY]"'`, shows: '[]' },
  ],
};
