import type { BehaviourTable } from './behaviour.ts';

export const TERMINALS: BehaviourTable = {
  title: 'Terminals',
  behaviours: [
    {
      does: '-T on a terminal: none',
      script: `script -qec 'ssh -T lab tty' /dev/null </dev/null`,
      shows: 'not a tty',
      status: 1,
    },
    {
      does: '-t without a terminal here: ssh says that there is none',
      script: `ssh -t -o LogLevel=INFO lab 'tty' 2>&1 | grep -v 'added .*known hosts'`,
      shows: 'not be allocated',
    },
    {
      does: '-tt without a terminal here',
      script: `ssh -tt lab 'tty | cut -c1-8; exit 3' </dev/null`,
      shows: '/dev/pts',
      status: 3,
    },
    {
      does: '-t on a terminal: its size',
      script: `touch ready; typed '' 'ssh -t lab stty size'`,
      shows: '30 100',
    },
    {
      does: 'its name and modes',
      script: `touch ready; typed '' 'ssh -t lab "echo \\$TERM; stty -a"'`,
      shows: 'vt220',
    },
    {
      does: 'modes that were changed here',
      script: `touch ready; typed '' 'stty intr ^X erase ^H -iutf8; ssh -t lab "stty -a"'`,
      shows: 'intr = ^X',
    },
    {
      does: 'output and errors as one',
      script: `ssh -tt lab 'echo out; echo err >&2' </dev/null`,
      shows: 'err',
    },
    {
      does: 'a change of the size',
      // Of rows alone: stty(1) changes both one after the other, and that may be seen.
      script: `typed '' "(until [ -e ready ]; do sleep 0.05; done; stty rows 50 </dev/tty) & ssh -t lab 'trap \\"stty size; exit 3\\" WINCH; touch $D/ready; while :; do sleep 0.05; done'"`,
      shows: '50 100',
      status: 3,
    },
    {
      does: '^C',
      script: `typed '\\003' "ssh -t lab 'trap \\"echo int; exit 9\\" INT; touch $D/ready; while :; do sleep 0.05; done'"`,
      shows: 'int',
      status: 9,
    },
    {
      does: '^C of a program that does not mind',
      script: `typed '\\003' "ssh -t lab 'touch $D/ready; exec sleep 20'"`,
      shows: '^C',
      status: 255,
    },
    {
      does: '^Z',
      script: `typed '\\032' "ssh -t lab 'trap \\"echo stop; exit 8\\" TSTP; touch $D/ready; while :; do sleep 0.05; done'"`,
      shows: 'stop',
      status: 8,
    },
    {
      does: '^\\',
      // No program of its own: a shell says of one that it was ended by this signal.
      script: `typed '\\034' "ssh -t lab 'trap \\"echo quit; exit 7\\" QUIT; touch $D/ready; while :; do :; done'"`,
      shows: 'quit',
      status: 7,
    },
    { does: '^D', script: `typed 'in\\r\\004' "ssh -t lab 'touch $D/ready; cat; echo end'"`, shows: 'end' },
    {
      does: '`~.`',
      script: `typed '\\r~.' "ssh -t lab 'touch $D/ready; exec sleep 20'"`,
      shows: '',
      status: 255,
    },
    {
      does: '`~B`',
      script: `typed '\\r~Bgo\\r' "ssh -t lab 'stty -echo; touch $D/ready; read a; read b; echo \\"got \\$b\\"'"`,
      shows: 'got go',
    },
    {
      does: '`~R`: new keys',
      script: `typed '\\r~Rgo\\r' "ssh -t lab 'stty -echo; touch $D/ready; read a; read b; echo \\"got \\$b\\"'"`,
      shows: 'got go',
    },
    {
      does: '-e none: `~.` is text',
      script: `typed '\\r~.\\r' "ssh -t -e none lab 'stty -echo; touch $D/ready; read a; read b; echo \\"got \\$b\\"'"`,
      shows: 'got ~.',
    },
    {
      does: 'a login shell',
      script: `printf 'PS1=; stty -echo; echo $0; tty | cut -c1-8; exit 4\\n' | ssh -tt lab | grep -oE -- '-bash$|-bash.$|/dev/pts' | tr -d '\\r'; echo \${PIPESTATUS[1]}`,
      shows: '-bash',
    },
    {
      does: 'what hangs up is told: HUP',
      script: `typed '\\r~.' "ssh -t lab 'trap \\"touch $D/hup\\" HUP; touch $D/ready; while [ ! -e $D/hup ]; do sleep 0.05; done'"; waits hup; echo hup`,
      shows: 'hup',
    },
  ],
};
