import type { BehaviourTable } from './behaviour.ts';

export const COMMANDS: BehaviourTable = {
  title: 'Commands',
  behaviours: [
    { does: 'status 0', script: `ssh lab 'echo yes'`, shows: 'yes' },
    { does: 'status 37', script: `ssh lab 'echo yes; exit 37'`, shows: 'yes', status: 37 },
    { does: 'status 255', script: `ssh lab 'echo yes; exit 255'`, shows: 'yes', status: 255 },
    {
      does: 'the end by a signal: TERM, KILL, SEGV with a core',
      script: `for s in TERM KILL SEGV; do ssh -v lab "ulimit -c unlimited; cd /tmp; kill -$s \\$\\$" 2>&1 | grep -c 'client_input_channel_req.*exit-signal'; echo \${PIPESTATUS[0]}; done`,
      shows: '1\n255\n1\n255\n1\n255',
    },
    { does: 'output and errors apart', script: `ssh lab 'echo out; echo err >&2'`, shows: 'err' },
    {
      does: 'errors before any output',
      script: `ssh lab 'echo early >&2; exec 2>&-; echo late'`,
      shows: 'early',
    },
    { does: 'two commands in one', script: `ssh lab '/bin/echo a; /bin/echo b'`, shows: 'a\nb' },
    { does: 'several words', script: `ssh lab echo 'a  b' '"c  d"'`, shows: 'a b c  d' },
    {
      does: 'a program that is not there: 127',
      script: 'ssh lab no-such-program',
      shows: 'not found',
      status: 127,
    },
    {
      does: 'a file that may not run: 126',
      script: 'ssh lab /etc/passwd',
      shows: 'Permission denied',
      status: 126,
    },
    { does: '-n', script: `ssh -n lab 'cat; echo end'`, shows: 'end' },
    { does: 'input from /dev/null', script: `ssh lab 'cat; echo end' </dev/null`, shows: 'end' },
    { does: 'input that is closed', script: `ssh lab 'cat; echo end' <&-`, shows: 'end' },
    {
      does: '20 MB in, and 20 MB out',
      script: `numbers 20000000 | ssh lab sha256sum; ssh lab 'seq 1 99999999 | head -c 20000000' | sha256sum`,
      shows: '-',
    },
    {
      does: 'every byte there is, both ways',
      script: `for n in $(seq 0 255); do printf "\\\\x$(printf %02x $n)"; done >bytes; ssh lab cat <bytes | cmp - bytes && echo same`,
      shows: 'same',
    },
    {
      does: 'much on both outputs at once',
      script: `ssh lab 'seq 1 300000 & seq 1 300000 >&2; wait' 2>errors | sha256sum; sha256sum <errors`,
      shows: '-',
    },
    { does: '`ssh -n lab sleep` comes back', script: `ssh -n lab 'sleep 1'; echo $?`, shows: '0' },
    {
      does: 'a command that closed its outputs is waited for',
      script: `ssh lab 'exec >&- 2>&-; sleep 0.5; exit 9'; echo $?`,
      shows: '9',
    },
    {
      does: 'a background program with its own output: ssh ends at once',
      script: `s=$SECONDS; ssh lab 'sleep 40 >/dev/null 2>&1 </dev/null & echo out'; [ $((SECONDS - s)) -lt 35 ] && echo soon`,
      shows: 'soon',
    },
    {
      does: 'a background program that keeps the output: ssh waits for it',
      script: `ssh -n lab '(sleep 2; echo later) & echo now; exit 5'; echo $?`,
      shows: 'now\nlater\n5',
    },
    {
      does: 'the end with output still on its way',
      script: `ssh lab 'seq 1 200000; exit 3' | sha256sum; echo \${PIPESTATUS[0]}`,
      shows: '-\n3',
    },
    { does: 'a reader that stops: `yes | head`', script: `ssh lab yes | head -2`, shows: 'y\ny' },
    {
      does: 'a command that stops reading',
      script: `numbers 20000000 | ssh lab 'head -c 5; exit 4'; echo \${PIPESTATUS[1]}`,
      shows: '1\n2\n34',
    },
    {
      does: 'a command of 100 KB',
      script: `x=$(head -c 100000 /dev/zero | tr '\\0' x); ssh lab "echo $x" | wc -c`,
      shows: '100001',
    },
    {
      does: '200 variables, of which sshd takes 128',
      script: `for n in $(seq 200); do printf 'V%d=v%d ' $n $n; done >v; ssh -o "SetEnv $(cat v)" lab 'env | grep -c ^V[0-9]'`,
      shows: '129',
    },
    { does: 'SetEnv', script: `ssh -o SetEnv=LC_SPEC=one lab 'echo $LC_SPEC'`, shows: 'one' },
    {
      does: 'SendEnv',
      script: `LC_ONE=1 LC_TWO=2 ssh -o 'SendEnv LC_*' lab 'echo $LC_ONE$LC_TWO'`,
      shows: '12',
    },
    {
      does: 'a shell without a terminal',
      script: `printf 'echo in\\nexit 6\\n' | ssh -T lab; echo $?`,
      shows: 'in\n6',
    },
    { does: '-f', script: `ssh -f lab 'sleep 0.3; touch '$D/there; echo back; waits there`, shows: 'back' },
    { does: '-N, and the end by TERM', script: `timeout 2 ssh -N lab; echo $?`, shows: '124' },
    {
      does: 'a subsystem that is not there',
      script: 'ssh -s lab nothing',
      shows: 'subsystem request failed',
      status: 255,
      differs: {
        because: 'the gateway says in a sentence what to do, and its own status for that is 254',
        gateway: { status: 254, stderr: /could not start that/ },
      },
    },
    { does: 'SHELL, HOME, USER', script: `ssh lab 'echo $SHELL $HOME $USER $LOGNAME; pwd'`, shows: '/' },
    {
      does: 'SSH_CONNECTION',
      script: `ssh lab 'echo \${SSH_CONNECTION%% *}'`,
      shows: '127.0.0.1',
      differs: {
        because:
          "the container's sshd is reached without a network, so it does not know whence the client comes",
        gateway: { stdout: /^UNKNOWN$/ },
      },
    },
  ],
};
