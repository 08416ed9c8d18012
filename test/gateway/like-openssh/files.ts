import type { BehaviourTable } from './behaviour.ts';

export const FILES: BehaviourTable = {
  title: 'Files',
  behaviours: [
    {
      does: 'sftp: ls, mkdir, put, rename, chmod, get, rm',
      script: `numbers 100000 >a; printf 'mkdir s\\nput a s/b\\nrename s/b s/c\\nchmod 640 s/c\\nls s\\nget s/c d\\nrm s/c\\nrmdir s\\n' | sed "s, s, $D/s,g" | sftp -q -b - lab; cmp a d && stat -c %a d`,
      shows: '640',
    },
    {
      does: 'sftp: a file that is not there',
      script: `echo 'get /nothing' | sftp -q -b - lab`,
      shows: 'not found',
      status: 1,
    },
    {
      does: 'sftp: 20 MB both ways',
      script: `numbers 20000000 >a; printf "put a $D/b\\nget $D/b c\\n" | sftp -q -b - lab >/dev/null; cmp a c && sha256sum <c`,
      shows: '-',
    },
    {
      does: 'sftp: reget and reput',
      script: `numbers 3000000 >a; head -c 1000000 a >b; head -c 900000 a >c; printf "reget $D/a b\\nreput a $D/c\\n" | sftp -q -b - lab >/dev/null; cmp a b && cmp a c && echo whole`,
      shows: 'whole',
    },
    {
      does: 'sftp: links, times, df',
      script: `echo x >a; touch -d 2001-02-03 a; printf "symlink $D/a $D/l\\nln $D/a $D/h\\nget -p $D/a b\\ndf -i $D\\n" | sftp -q -b - lab | grep -c Inodes; readlink l; stat -c '%h %Y' a b`,
      shows: '1',
    },
    {
      does: 'sftp with SetEnv',
      script: `echo 'pwd' | sftp -q -o SetEnv=LC_X=1 -b - lab`,
      shows: 'Remote working directory',
    },
    {
      does: 'scp -s',
      script: `numbers 3000000 >a; scp -q -s a lab:$D/b && scp -q -s lab:$D/b c && cmp a c && echo same`,
      shows: 'same',
    },
    {
      does: 'scp -O',
      script: `numbers 3000000 >a; scp -q -O a lab:$D/b && scp -q -O lab:$D/b c && cmp a c && echo same`,
      shows: 'same',
    },
    {
      does: 'scp -r -p of a tree',
      script: `mkdir -p t/u; echo 1 >t/u/a; chmod 711 t/u; for o in -s -O; do scp -q $o -r -p t lab:$D/t$o; stat -c %a t$o/u; done; cat t*/u/a`,
      shows: '711',
    },
    {
      does: 'scp of what is not there',
      script: `scp -q -s lab:/nothing x; echo $?; scp -q -O lab:/nothing x`,
      shows: 'No such file',
      status: 1,
    },
    {
      does: 'tar through it',
      script: `mkdir t u; numbers 500000 >t/a; tar c t | ssh lab "tar x -C $D/u"; cmp t/a u/t/a && echo same`,
      shows: 'same',
    },
    {
      does: 'git: clone and push',
      script: `git init -q --bare r; git clone -q lab:$D/r w 2>/dev/null; cd w; git -c user.name=a -c user.email=a@example.org commit -q --allow-empty -m one; git push -q origin HEAD:main; git -C ../r log --format=%s main`,
      shows: 'one',
    },
  ],
};
